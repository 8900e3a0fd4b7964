import { describe, expect, it } from "vitest";
import { groupGallery, neighboursOf, searchGroups } from "#client/state/gallery-groups.ts";
import { mockGallery, mockMicrograph, mockProject } from "#tests/client/mock-server.ts";

const gallery = mockGallery(mockProject());

describe("the gallery", () => {
  it("shows series by the order of their states, whatever order the server lists them in", () => {
    const shuffled = {
      ...gallery,
      series: [{ ...gallery.series[0]!, micrographIds: [...gallery.series[0]!.micrographIds].reverse() }],
    };
    const [series] = groupGallery(shuffled);
    expect(series!.micrographs.map(({ state }) => state!.order)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(series!.subject).toBe("wire 3");
  });

  it("loses nothing and shows nothing twice", () => {
    const shown = groupGallery(gallery).flatMap(({ micrographs }) => micrographs.map(({ id }) => id));
    expect(shown.toSorted()).toEqual(gallery.micrographs.map(({ id }) => id).toSorted());
  });

  it("passes over members that were deleted, and series without any", () => {
    const groups = groupGallery({
      micrographs: [mockMicrograph(1)],
      series: [
        { id: "series0002", name: "gone", objectName: "", micrographIds: ["deleted001"] },
        { id: "series0003", name: "kept", objectName: "", micrographIds: ["deleted001", "micrograph1"] },
      ],
    });
    expect(groups.map(({ title, micrographs }) => [title, micrographs.length])).toEqual([["kept", 1]]);
  });

  it("knows the neighbours of a micrograph in and out of a series", () => {
    expect(neighboursOf(gallery, "micrograph3")!.key).toBe("series0001");
    expect(neighboursOf(gallery, "micrograph20")!.key).toBe("unsorted");
    expect(neighboursOf(gallery, "nonesuch00")).toBeNull();
  });

  it("finds by every word of name, state and series, and orders names by their numbers", () => {
    const groups = groupGallery({
      micrographs: [
        ...gallery.micrographs,
        ...["b 10.tif", "b 9.tif"].map((name, i) => mockMicrograph(40 + i, { name })),
      ],
      series: gallery.series,
    });
    const found = (words: string) =>
      searchGroups(groups, words, "name").flatMap(({ micrographs }) => micrographs.map(({ name }) => name));
    expect(found("b tif").filter((name) => name.startsWith("b "))).toEqual(["b 9.tif", "b 10.tif"]);
    expect(found("wire 3")).toHaveLength(7);
    expect(found("no such thing")).toEqual([]);
    expect(searchGroups(groups, " ", "newest")).toEqual(groups);
  });
});
