import { describe, expect, it } from "vitest";
import { affectedBy, changeWords, drawnEarlier, sittingsOf } from "#client/panels/history-sittings.ts";
import type { HistoryEntry } from "#core/protocol/api/history.ts";
import type { MarkChangeWord } from "#core/schema/mark-change.ts";

const start = Date.parse("2026-03-01T12:00:00.000Z");
const people = { ada: "Ada", ben: "Ben" } as const;

function entry(
  seq: number,
  who: keyof typeof people,
  minute: number,
  changes: readonly (readonly [id: string, ...words: MarkChangeWord[]])[],
  drawnAt: string | null = null,
): HistoryEntry {
  return {
    seq,
    by: { principalId: who, name: people[who], upkeep: false },
    receivedAt: new Date(start + minute * 60_000).toISOString(),
    annotationIds: changes.map(([id]) => id),
    bytes: 10,
    changes: changes.map(([annotationId, ...words]) => ({
      ...{ annotationId, words, kind: "region", name: "", classId: null, interfaceId: null },
      ...{ body: null, drawnAt },
    })),
  };
}

describe("history by person and sitting", () => {
  it("keeps a person's sitting together though another works in between, and parts it after a pause", () => {
    const sittings = sittingsOf([
      entry(1, "ada", 0, [["m1", "created"]]),
      entry(2, "ben", 2, [["m2", "created"]]),
      entry(3, "ada", 12, [["m2", "deleted"]]),
      entry(4, "ada", 28, [["m3", "created"]]),
    ]);
    expect(sittings.map(({ by, steps }) => [by.name, steps.map(({ entry }) => entry.seq)])).toEqual([
      ["Ada", [4]],
      ["Ada", [3, 1]],
      ["Ben", [2]],
    ]);
    expect(new Set(sittings.map(({ key }) => key)).size).toBe(3);
  });

  it("tells edits alike of one mark in one line, and opens the last of them", () => {
    const [sitting] = sittingsOf([
      entry(1, "ada", 0, [["m1", "moved"]]),
      entry(2, "ada", 1, [["m1", "moved"]]),
      entry(3, "ada", 2, [["m1", "moved", "renamed"]]),
      entry(4, "ada", 3, [["m2", "moved"]]),
      entry(5, "ada", 4, [
        ["m2", "moved"],
        ["m3", "moved"],
      ]),
      entry(6, "ada", 5, [
        ["m2", "moved"],
        ["m3", "moved"],
      ]),
    ]);
    expect(sitting!.edits).toBe(6);
    expect(sitting!.steps.map(({ entry, first, times }) => [first.seq, entry.seq, times])).toEqual([
      [6, 6, 1],
      [5, 5, 1],
      [4, 4, 1],
      [3, 3, 1],
      [1, 2, 2],
    ]);
    expect(changeWords(["moved", "renamed", "deleted"])).toBe("moved, renamed and deleted");
  });

  it("tells when a mark was drawn where it came later, and not where it came at once", () => {
    const at = new Date(start).toISOString();
    const steps = (minute: number, drawnAt: string) =>
      sittingsOf([entry(1, "ada", minute, [["m1", "created"]], drawnAt)])[0]!.steps[0]!;
    expect(drawnEarlier(steps(40, at))).toEqual(new Date(start));
    expect(drawnEarlier(steps(0.5, at))).toBeNull();
    // A clock that is ahead of the server's tells nothing.
    expect(drawnEarlier(steps(0, new Date(start + 9e6).toISOString()))).toBeNull();
    expect(drawnEarlier(steps(40, "no time"))).toBeNull();
  });

  it("counts whose work a restore takes back: of one mark, or of all", () => {
    const later = [
      entry(2, "ben", 1, [["m1", "moved"]]),
      entry(3, "ben", 2, [
        ["m1", "moved"],
        ["m2", "deleted"],
      ]),
      entry(4, "ada", 3, [["m2", "created"]]),
      {
        ...entry(5, "ben", 4, [["m1", "edited"]]),
        by: { principalId: "lamella@1", name: "Lamella", upkeep: true },
      },
    ];
    const counts = (...marks: string[]) =>
      affectedBy(later, marks.length > 0 ? marks : null).map(({ by, edits, marks }) => [
        by.name,
        edits,
        marks,
      ]);
    expect(counts()).toEqual([
      ["Ben", 2, 2],
      ["Ada", 1, 1],
    ]);
    expect(counts("m1")).toEqual([["Ben", 2, 1]]);
    expect(counts("m1", "m2")).toEqual(counts());
    expect(counts("m9")).toEqual([]);
  });
});
