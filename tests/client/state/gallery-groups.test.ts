import { describe, expect, it } from "vitest";
import {
  alsoSavedAs,
  filterGroups,
  type GalleryFilter,
  groupGallery,
  neighboursOf,
  searchGroups,
} from "#client/state/gallery-groups.ts";
import { mockGallery, mockMicrograph, mockProject } from "#tests/client/mock-world.ts";

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

  it("members without a state stand behind those with one", () => {
    const state = { label: "late", order: 9, elapsedS: null, conditions: [], basis: "" };
    const members = [mockMicrograph(1), mockMicrograph(2, { state })];
    const ids = members.map(({ id }) => id);
    const series = [{ id: "series0004", name: "s", objectName: "", micrographIds: ids }];
    const [group] = groupGallery({ micrographs: members, series });
    expect(group!.micrographs.map(({ id }) => id)).toEqual(["micrograph2", "micrograph1"]);
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

describe("groups by what people said", () => {
  const said = {
    ...{ series: [], specimens: [{ id: "specimen01", name: "batch 4", form: "batch" as const, note: "" }] },
    sessions: [
      {
        ...{ id: "session001", instrument: "Titan", holder: "single tilt", operator: "K. Ito" },
        ...{ startedAt: "2026-02-03", endedAt: null },
      },
    ],
    micrographs: [
      mockMicrograph(1, { specimenId: "specimen01" }),
      mockMicrograph(2, { specimenId: "specimen01", sessionId: "session001" }),
      mockMicrograph(3),
    ],
  };
  const shape = (by: "specimen" | "session") =>
    groupGallery(said, by).map(({ title, subject, micrographs }) => [
      title,
      subject,
      micrographs.map(({ id }) => id),
    ]);

  it("by specimen and by session, what nobody said last", () => {
    expect(shape("specimen")).toEqual([
      ["batch 4", "batch", ["micrograph1", "micrograph2"]],
      ["No specimen said", "", ["micrograph3"]],
    ]);
    expect(shape("session")).toEqual([
      ["2026-02-03 · Titan", "single tilt · K. Ito", ["micrograph2"]],
      ["No session said", "", ["micrograph1", "micrograph3"]],
    ]);
  });

  it("the richest file of a picture stands for the others where it is shown itself", () => {
    const others = [{ micrographId: "micrograph3", fileName: "wire.jpg" }];
    const pictures = [{ leadId: "micrograph2", others, decidedBy: "pixels" }];
    const ids = (by: "series" | "specimen") =>
      groupGallery({ ...said, pictures }, by).map(({ micrographs }) => micrographs.map(({ id }) => id));
    expect(ids("series")).toEqual([["micrograph1", "micrograph2"]]);
    expect(ids("specimen"), "in another group it is not hidden").toEqual([
      ["micrograph1", "micrograph2"],
      ["micrograph3"],
    ]);
    expect(alsoSavedAs({ pictures }, "micrograph2")).toEqual(others);
    expect(neighboursOf({ ...said, pictures }, "micrograph3")!.micrographs).toHaveLength(2);
  });

  it("words of the vendor tags count beside those of the name", () => {
    const tags = {
      words: ["wire", "titan"],
      matches: [{ micrographId: "micrograph3", words: [1], tags: [] }],
    };
    const bare = { ...said, micrographs: said.micrographs.map((one) => ({ ...one, acquisition: {} })) };
    const found = (words: string) =>
      searchGroups(groupGallery(bare), words, "newest", tags).flatMap(({ micrographs }) =>
        micrographs.map(({ id }) => id),
      );
    expect(found("wire titan")).toEqual(["micrograph3"]);
    expect(found("wire osiris")).toEqual([]);
  });

  it("picks out kinds, and leaves no empty heading", () => {
    const kinds = [
      mockMicrograph(1, { content: "diffraction" }),
      mockMicrograph(2, { calibration: { state: "uncalibrated", reason: "" } }),
      mockMicrograph(3, { specimenId: "specimen01" }),
    ];
    const groups = groupGallery({ ...said, sessions: [], micrographs: kinds }, "specimen");
    const marks = { micrograph2: [{ classId: null, count: 3 }], micrograph3: [] };
    const ids = (filter: GalleryFilter) =>
      filterGroups(groups, filter, marks)
        .flatMap(({ micrographs }) => micrographs.map(({ id }) => id))
        .sort();
    expect(filterGroups(groups, "all", marks)).toBe(groups);
    expect(ids("diffraction")).toEqual(["micrograph1"]);
    expect(filterGroups(groups, "diffraction", marks)).toHaveLength(1);
    expect(ids("uncalibrated")).toEqual(["micrograph2"]);
    expect([ids("marked"), ids("unmarked")]).toEqual([["micrograph2"], ["micrograph1", "micrograph3"]]);
    expect(ids("undescribed")).toEqual(["micrograph1", "micrograph2"]);
  });
});
