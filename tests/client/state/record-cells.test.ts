import { describe, expect, it } from "vitest";
import {
  describeRow,
  elapsedWords,
  faultOf,
  proposedCells,
  type RecordCells,
  type RecordRow,
  readConditions,
  readElapsed,
  readPastedCells,
  recordColumns,
  saidCells,
} from "#client/state/record-cells.ts";
import { proposeRecords } from "#core/micrograph/record-proposals.ts";

const row = (over: Partial<RecordRow> = {}): RecordRow => ({
  ...{ micrographId: "micrograph1", name: "15min", path: "batch 4/wire 3/15min.dm4" },
  ...{ specimenId: null, sessionId: null, seriesId: null, state: null, describedBy: null, describedAt: null },
  proposals: [],
  ...over,
});
const empty = Object.fromEntries(recordColumns.map(({ id }) => [id, ""])) as Record<
  string,
  string
> as RecordCells;

describe("cells", () => {
  it.each([
    [900, "15 min"],
    [5400, "1.5 h"],
    [86_400, "1 d"],
    [7, "7 s"],
    [61, "61 s"],
    [0, "0 s"],
    [0.25, "0.25 s"],
  ])("%s s is written %s and read back", (seconds, words) => {
    expect(elapsedWords(seconds)).toBe(words);
    expect(readElapsed(words)).toBe(seconds);
  });

  it("a time without a unit, a value without a quantity are faults; empty is none", () => {
    expect([readElapsed("15"), readElapsed("15 parsec"), readElapsed("")]).toEqual([null, null, null]);
    expect(readConditions("-0.2 V; 50 µA; 299C; strain 2 %; 300 K")).toEqual([
      { quantity: "potential", value: -0.2, unit: "V" },
      { quantity: "current", value: 5e-5, unit: "A" },
      { quantity: "temperature", value: 299, unit: "°C" },
      { quantity: "strain", value: 2, unit: "%" },
      { quantity: "temperature", value: 300, unit: "K" },
    ]);
    expect(readConditions("7 %")).toBeNull();
    expect(faultOf("elapsed", "15")).toMatch(/unit/);
    expect(faultOf("cycle", "3.5")).toMatch(/whole/);
    expect(faultOf("date", "3.2.26")).toMatch(/2026-02-03/);
    for (const { id } of recordColumns) expect(faultOf(id, " ")).toBeNull();
  });

  it("a block of a spreadsheet keeps its empty cells", () => {
    expect(readPastedCells('batch 4\t\t"wire ""3"""\r\ngrid B2\tSodiation\t\r\n')).toEqual([
      ["batch 4", "", 'wire "3"'],
      ["grid B2", "Sodiation", ""],
    ]);
  });
});

describe("a row", () => {
  const proposals = [
    ...proposeRecords({
      fileName: "02-sodiated-15min_-0.2V_299C.dm4",
      relativePath: "batch 4/wire 3/02-sodiated-15min_-0.2V_299C.dm4",
      acquisition: {},
      tags: { Microscope: { Operator: "K. Ito" } },
    }),
  ] as RecordRow["proposals"];

  it("shows proposals apart from what was said, each with its source", () => {
    const one = row({ proposals });
    const records = { specimens: [], sessions: [] };
    expect(saidCells(one, records, [])).toEqual(empty);
    expect(proposedCells(one)).toMatchObject({
      specimen: { text: "batch 4", from: "from the folder “batch 4”" },
      elapsed: { text: "15 min", from: expect.stringContaining("in the file's name") },
      conditions: { text: "299 °C; -0.2 V" },
      operator: { text: "K. Ito", from: "from the tag Microscope.Operator" },
    });
  });

  it("sends only what differs, and comes back as it was sent", () => {
    const one = row({ proposals });
    expect(describeRow(one, empty, empty, 4)).toBeNull();
    const cells = {
      ...empty,
      specimen: "batch 4 ",
      label: "sodiated",
      elapsed: "15 min",
      conditions: "-200 mV",
    };
    const sent = describeRow(one, empty, cells, 4)!;
    expect(sent).toEqual({
      micrographId: "micrograph1",
      specimen: "batch 4",
      state: {
        ...{
          label: "sodiated",
          order: 4,
          cycle: null,
          step: null,
          elapsedS: 900,
          clockTime: null,
          basis: "",
        },
        conditions: [{ quantity: "potential", value: -0.2, unit: "V" }],
      },
      settled: true,
    });
    const kept = row({ specimenId: "specimen01", state: sent.state as NonNullable<RecordRow["state"]> });
    const specimens = [{ id: "specimen01", name: "batch 4", form: null, note: "" }];
    const back = saidCells(kept, { specimens, sessions: [] }, []);
    expect(back).toEqual({ ...cells, specimen: "batch 4", order: "4", conditions: "-0.2 V" });
    expect(describeRow(kept, back, { ...back, specimen: "" }, 4)).toEqual({
      ...{ micrographId: "micrograph1", specimen: null, settled: true },
    });
    const withoutState = { ...empty, specimen: "batch 4" };
    expect(describeRow(kept, back, withoutState, 4)).toMatchObject({ state: null });
  });
});
