import { describe, expect, it } from "vitest";
import { measurementsCsv, measurementsCsvExporter } from "#core/export/measurements-csv.ts";
import type { StackFrames } from "#core/protocol/api/stack-log.ts";
import { dataset, mark } from "./dataset-fixture.ts";

const condition = (value: number) => ({ quantity: "potential", label: "=Ewe", unit: "V", value }) as const;
const stack = (offsetBasis: "person" | "assumed"): StackFrames => ({
  times: "file",
  log: {
    ...{
      id: "log00000001",
      number: 1,
      madeBy: "ada",
      madeAt: "2026-01-01T00:00:00Z",
      offsetS: 12.5,
      offsetBasis,
    },
    file: { name: "cycle.csv", bytes: 10, sha256: "b".repeat(64) },
    frameIntervalS: null,
  },
  frames: [
    { frame: 0, timeS: 0, conditions: [], statistics: null },
    { frame: 1, timeS: 4.5, conditions: [condition(1.25)], statistics: { min: 1, max: 9, mean: 4.5 } },
  ],
});
const square = [
  {
    closed: true,
    points: [
      [0, 0],
      [4, 0],
      [4, 4],
    ],
  },
] as const;
const row = (annotationIds: readonly string[]) => ({
  ...{
    annotationIds,
    objectId: null,
    interfaceId: null,
    classId: null,
    quantity: "area",
    value: 8,
    unit: "px²",
  },
  ...{ u: null, k: 1, n: null, nEff: null, interval: null, method: "shoelace", parameters: {}, warnings: [] },
});
const made = (offsetBasis: "person" | "assumed") =>
  dataset({
    frames: 2,
    stack: stack(offsetBasis),
    annotations: [
      mark("second", "region", square, { frames: [1, 1] }),
      mark("all", "region", square, { frames: "all" }),
    ],
    measurements: [row(["second"]), row(["all"]), row(["second", "all"])] as never,
  });
const lastThree = (csv: string) =>
  csv
    .trim()
    .split("\r\n")
    .map((line) => line.split(",").slice(-3));

describe("a stack that leaves", () => {
  it("has each number with the time and conditions of its frame; numbers of several frames have none", () => {
    expect(lastThree(measurementsCsv(made("person")))).toEqual([
      ["frame", "frame_time_s", "frame_conditions"],
      ["2", "4.5", "potential =Ewe = 1.25 V"],
      ["", "", ""],
      ["", "", ""],
    ]);
    expect(lastThree(measurementsCsv(made("assumed")))[1]![2]).toContain("offset of the log not checked");
  });

  it("has a table of its frames, safe in a spreadsheet", () => {
    const { files } = measurementsCsvExporter.export(made("person"));
    const table = files.find(({ path }) => path.startsWith("frames/"))!;
    expect(table.path).toMatch(/^frames\/wire_3.*-micrograph01\.csv$/);
    expect(table.text).toBe(
      [
        "frame,time_s,min,max,mean,potential =Ewe (V),log_offset_s,log_offset_basis",
        "1,0,,,,,12.5,person",
        "2,4.5,1,9,4.5,1.25,12.5,person",
        "",
      ].join("\r\n"),
    );
  });

  it("of single pictures has no table", () => {
    const { files } = measurementsCsvExporter.export(dataset());
    expect(files.map(({ path }) => path)).toEqual(["measurements.csv", "manifest.json"]);
  });
});
