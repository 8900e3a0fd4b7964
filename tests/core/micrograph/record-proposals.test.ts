import { describe, expect, it } from "vitest";
import { proposeRecords, type RecordProposal } from "#core/micrograph/record-proposals.ts";
import { readStateWords } from "#core/micrograph/state-words.ts";

const short = (found: readonly { field: string; value: unknown; quantity?: string; unit?: string }[]) =>
  Object.fromEntries(
    found.map(({ field, value, quantity, unit }) => [quantity ? `${quantity} ${unit}` : field, value]),
  );

describe("the words of a name", () => {
  it.each<[string, Record<string, unknown>]>([
    ["02-sodiated-15min", { order: 2, elapsedS: 900, label: "sodiated 15 min" }],
    ["00-as-synthesised", { order: 0, label: "as-synthesised" }],
    ["05-after-edx", { order: 5, label: "after edx" }],
    ["04_fully_sodiated", { order: 4, label: "fully sodiated" }],
    ["heating 299C_0012", { "temperature °C": 299, order: 12, label: "299 °C" }],
    ["300K", { "temperature K": 300, label: "300 K" }],
    ["-40 °C", { "temperature °C": -40, label: "-40 °C" }],
    ["CV_-0.2V_cycle 3", { "potential V": -0.2, cycle: 3, label: "-0.2 V cycle 3" }],
    ["50mV 2nd cycle", { "potential V": 0.05, cycle: 2, label: "50 mV cycle 2" }],
    ["pulse 20 µA", { "current A": 2e-5, label: "20 µA" }],
    ["wire 3 2026-02-03 1.5h", { object: "wire 3", date: "2026-02-03", elapsedS: 5400, label: "1.5 h" }],
    ["20260203_NW12_grid B2", { object: "nw 12", specimen: "grid B2", date: "2026-02-03" }],
    ["3.2.2026", { date: "2026-02-03" }],
    ["after 30 s", { elapsedS: 30, label: "30 s" }],
  ])("%s", (name, expected) => {
    expect(short(readStateWords(name))).toEqual(expected);
  });

  it.each([
    ["a rate of charging", "rate 2C"],
    ["a dash or a sign", "wire-0.2V"],
    ["an exposure", "haadf 30s"],
    ["the high tension", "200kV"],
    ["a magnification", "300Kx"],
    ["a day that is not", "2026-02-31"],
    ["the middle of a word", "admin15minutesx Van 12Vx"],
    ["a dimension or a polytype", "tiny 2D 2H-MoS2 3d"],
    ["nothing", ""],
  ])("says nothing where it may be %s: %s", (_why, name) => {
    expect(readStateWords(name).filter(({ field }) => field !== "object")).toEqual([]);
  });
});

describe("records proposed from path, name and tags", () => {
  const sources = (found: readonly RecordProposal[]) =>
    Object.fromEntries(
      found.map(({ field, quantity, source }) => [quantity ?? field, `${source.kind}: ${source.at}`]),
    );

  it("names the source of each, and a nearer source wins", () => {
    const found = proposeRecords({
      fileName: "0007_15min.dm4",
      relativePath: "Sb on Ge batch 4/2026-02-03 heating/wire 3/299C/0007_15min.dm4",
      acquisition: {
        instrument: { value: "Titan G2", source: { kind: "tag", path: "ImageTags.Microscope Info.Name" } },
      },
      tags: { ImageList: { 1: { ImageTags: { "Session Info": { Operator: "R. Vogt", Specimen: "" } } } } },
    });
    expect(short(found)).toEqual({
      instrument: "Titan G2",
      operator: "R. Vogt",
      order: 7,
      elapsedS: 900,
      label: "15 min",
      "temperature °C": 299,
      object: "wire 3",
      date: "2026-02-03",
      specimen: "batch 4",
      series: "299C",
    });
    expect(sources(found)).toMatchObject({
      instrument: "tag: ImageTags.Microscope Info.Name",
      operator: "tag: ImageList.1.ImageTags.Session Info.Operator",
      elapsedS: "file-name: 0007_15min.dm4",
      temperature: "folder: 299C",
      object: "folder: wire 3",
      date: "folder: 2026-02-03 heating",
      specimen: "folder: Sb on Ge batch 4",
    });
  });

  it("a declared folder wins over a tag, and is not read again as a name", () => {
    const found = proposeRecords({
      fileName: "a.tif",
      relativePath: "Titan/K. Ito/20260203/a.tif",
      acquisition: { instrument: { value: "TITAN 80-300", source: { kind: "tag", path: "x" } } },
      tags: { User: { User: "supervisor" } },
      pathFacts: { instrument: "Titan", person: "K. Ito", date: "20260203" },
    });
    expect(short(found)).toEqual({ instrument: "Titan", operator: "K. Ito", date: "2026-02-03" });
    expect(found.every(({ source }) => source.kind === "watched-folder")).toBe(true);
  });

  it("a file on its own in folders that say nothing proposes nothing", () => {
    const nothing = { acquisition: {}, tags: { Operator: "unknown", Holder: 3, Sample: { SampleId: "  " } } };
    expect(proposeRecords({ fileName: "image.tif", relativePath: null, ...nothing })).toEqual([]);
    const path = "shared/micrographs/png_jpg/TEM 001/image.tif";
    expect(proposeRecords({ fileName: "image.tif", relativePath: path, ...nothing })).toEqual([]);
  });

  it("what a person typed proposes nothing, and the clock of the tags gives day and time", () => {
    const found = proposeRecords({
      fileName: "x.emd",
      relativePath: null,
      acquisition: {
        instrument: { value: "typed", source: { kind: "person", principalId: "p" } },
        acquiredAt: {
          value: "2026-02-03T10:11:12+01:00",
          source: { kind: "tag", path: "Acquisition.DateTime" },
        },
      },
      tags: null,
    });
    expect(short(found)).toEqual({ date: "2026-02-03", clockTime: "2026-02-03T10:11:12+01:00" });
  });
});
