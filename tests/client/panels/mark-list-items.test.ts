import { describe, expect, it } from "vitest";
import { groupMarks } from "#client/panels/group-marks.ts";
import { headingKey, markListItems, shownGroups } from "#client/panels/mark-list-items.ts";
import { plainMark } from "#tests/core/schema/plain-mark.ts";

const mark = (id: string, kind: "region" | "pin") => plainMark({ id, kind, outline: { rings: [] } });
const groups = groupMarks(
  [mark("a", "region"), mark("p", "pin"), mark("b", "region"), mark("c", "region")],
  [],
  [],
);
const [regions, pins] = groups as [(typeof groups)[0], (typeof groups)[0]];
const items = markListItems(groups);
/** Every item 10 high, below 100 of something else. */
const extent = (index: number) => ({ index, start: 100 + 10 * index, end: 110 + 10 * index });
const shownAt = (...indexes: number[]) =>
  shownGroups(items, indexes.map(extent), 100).map(({ group, heading, rows }) => ({
    group,
    heading: heading?.above ?? null,
    rows: rows.map(({ item, index, above }) => [item.mark.id, index, above]),
  }));

describe("the items of the list of marks", () => {
  it("are every heading and every mark once, in order, each with a key of its own", () => {
    expect(items.map(({ key }) => key)).toEqual([headingKey(regions), "a", "b", "c", headingKey(pins), "p"]);
    expect(items.map((item) => (item.is === "mark" ? item.place : null))).toEqual([null, 0, 1, 2, null, 0]);
    expect(markListItems([])).toEqual([]);
  });

  it("stand below their headings when all are on the page, with no room left between them", () => {
    expect(shownAt(0, 1, 2, 3, 4, 5)).toEqual([
      {
        group: regions,
        heading: 0,
        rows: [
          ["a", 1, 0],
          ["b", 2, 0],
          ["c", 3, 0],
        ],
      },
      { group: pins, heading: 0, rows: [["p", 5, 0]] },
    ]);
  });

  it("leave room for those that are not on the page: above, in between, and for a heading", () => {
    expect(shownAt(1, 3, 5)).toEqual([
      {
        group: regions,
        heading: null,
        rows: [
          ["a", 1, 10],
          ["c", 3, 10],
        ],
      },
      { group: pins, heading: null, rows: [["p", 5, 10]] },
    ]);
    expect(shownAt()).toEqual([]);
  });
});
