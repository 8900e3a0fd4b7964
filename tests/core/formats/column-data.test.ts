import { describe, expect, it } from "vitest";
import { readColumnData } from "#core/formats/column-data.ts";

describe("columns of numbers", () => {
  it("an EMSA spectrum with its axis and units", () => {
    const emsa = [
      "#FORMAT      : EMSA/MAS Spectral Data File",
      "#TITLE       : Sb shell, EDX",
      "#XUNITS      : keV",
      "#XLABEL      : Energy",
      "#XPERCHAN    : 0.01",
      "#OFFSET      : -0.2",
      "#DATATYPE    : Y",
      "#SPECTRUM    : Spectral data starts here",
      "12.0, 13,",
      " 14.5,",
      "#ENDOFDATA   :",
      "99",
    ].join("\r\n");
    const { title, x, ys } = readColumnData(emsa);
    expect([title, x.label, ys[0]!.label]).toEqual(["Sb shell, EDX", "Energy, keV", "counts"]);
    expect(x.values.map((v) => +v.toFixed(6))).toEqual([-0.2, -0.19, -0.18]);
    expect(ys[0]!.values).toEqual([12, 13, 14.5]);
    const pairs = emsa
      .replace("DATATYPE    : Y", "DATATYPE    : XY")
      .replace("12.0, 13,", "0.5, 7")
      .replace(" 14.5,", "0.6, 8");
    expect(readColumnData(pairs)).toMatchObject({ x: { values: [0.5, 0.6] }, ys: [{ values: [7, 8] }] });
  });

  it.each([
    ["commas", "t,U\n0,0.1\n1,0.2\n"],
    ["tabs and a decimal comma", "t\tU\n0\t0,1\n1\t0,2"],
    ["semicolons, quotes, a mark of Unicode", '\ufeff"t";"U"\r\n0;0,1;\r\n1;"0,2";\r\n'],
    ["blanks below a comment", "# a voltammogram\n# t U\n 0  1e-1\n 1  2.0E-1\n"],
  ])("a table with %s", (_what, text) => {
    expect(readColumnData(text)).toMatchObject({
      x: { label: "t", values: [0, 1] },
      ys: [{ label: "U", values: [0.1, 0.2] }],
    });
  });

  it("more columns, gaps, and rows that are none", () => {
    const { x, ys } = readColumnData("time, s,U, V,T\nrun 1\n0,1,20\n1,,21\n2,3\nend\n3,4,22\n");
    // A row without its first two numbers is no row of data; a missing later one is a gap.
    expect(x.values).toEqual([0, 2, 3]);
    expect(ys.map(({ values }) => values)).toEqual([
      [1, 3, 4],
      [20, null, 22],
    ]);
    expect(readColumnData("1 2\n3 4").x.label).toBe("column 1");
  });

  it.each(["", "a note\nof two lines", "1\n2\n3", '{"a": 1}', "#FORMAT : EMSA\n#ENDOFDATA :"])(
    "%j holds none, and says so",
    (text) => {
      expect(() => readColumnData(text)).toThrow(/Expected columns of numbers/);
    },
  );
});
