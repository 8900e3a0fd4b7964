import { describe, expect, it } from "vitest";
import { toleranceFailures } from "./vector-tolerance.ts";

describe("the check of answers can fail", () => {
  it.each([
    [{ mean: 1.02 }, { mean: 1 }, { mean: { abs: 0.01 } }],
    [{ mean: Number.NaN }, { mean: 1 }, { mean: { abs: 1e9 } }],
    [{}, { mean: 1 }, { mean: { abs: 1e9 } }],
    [{ a: [1, 2] }, { a: [1, 2, 3] }, { a: { abs: 1 } }],
    [{ width: 1.31 }, { width: 1 }, { width: { upper: true, rel: 0.3 } }],
    [{ n: 2 }, { n: 3 }, { n: { exact: true } }],
    [{ error: "no-overlap" }, { mean: 1 }, { mean: { abs: 1 } }],
    [{ mean: 0 }, { error: "no-overlap" }, {}],
    [
      { curve: [[5, 3]] },
      {
        curve: [
          [0, 0],
          [10, 0],
        ],
      },
      { curve: { rms: 1, max: 2 } },
    ],
  ] as const)("%j for %j", (answer, expected, tolerance) => {
    expect(toleranceFailures(answer, expected, tolerance)).not.toEqual([]);
  });

  it.each([
    [{ width: 0.1 }, { width: 1 }, { width: { upper: true, rel: 0.3 } }],
    [{ error: "low-contrast" }, { error: "no-gap" }, {}],
    [{ x: null }, { x: null }, { x: { abs: 1 } }],
    [
      {
        curve: [
          [5, 0.1],
          [14, 9],
        ],
      },
      {
        curve: [
          [0, 0],
          [10, 0],
        ],
      },
      { curve: { rms: 1, max: 2 } },
    ],
  ] as const)("and pass: %j for %j", (answer, expected, tolerance) => {
    expect(toleranceFailures(answer, expected, tolerance)).toEqual([]);
  });
});
