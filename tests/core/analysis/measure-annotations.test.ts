import { describe, expect, it } from "vitest";
import { measureAnnotations } from "#core/analysis/measure-annotations.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { plainMark } from "#tests/core/schema/plain-mark.ts";

const calibration: Calibration = {
  state: "calibrated",
  unit: "nm",
  pixelSize: { x: 0.5, y: 0.5 },
  rotationDeg: 0,
  relativeStandardUncertainty: { x: 0.02, y: 0.02 },
  source: { kind: "synthetic" },
  certified: true,
};

type Ring = readonly (readonly [number, number])[];
function mark(
  id: string,
  kind: Annotation["kind"],
  rings: readonly Ring[],
  change: Partial<Annotation> = {},
): Annotation {
  const closed = kind === "region" || kind === "irradiated-area";
  const outline = {
    rings: rings.map((ring, r) => ({
      closed,
      hole: closed && r > 0,
      vertices: ring.map(([x, y], i) => ({ id: 100 * r + i, x, y })),
    })),
  };
  return plainMark({ id, kind, outline, ...change });
}
const square: Ring = [
  [0, 0],
  [20, 0],
  [20, 10],
  [0, 10],
];
const hole: Ring = [
  [2, 2],
  [6, 2],
  [6, 4],
  [2, 4],
];
const ground: Ring = [
  [0, 50],
  [60, 50],
];
const above: Ring = [
  [0, 44],
  [60, 44],
];

const measure = (...annotations: Annotation[]) => measureAnnotations(annotations, calibration, { seed: 1 });
const value = (rows: ReturnType<typeof measure>, quantity: string) =>
  rows.find((row) => row.quantity === quantity)?.value;

describe("measurements of a micrograph", () => {
  it("a region with a hole", () => {
    const rows = measure(mark("r", "region", [square, hole], { classId: "c", objectId: "wire" }));
    expect(value(rows, "area")).toBeCloseTo((200 - 8) * 0.25, 9);
    expect(value(rows, "perimeter")).toBeCloseTo(30, 9);
    expect(value(rows, "feret_min")).toBeCloseTo(5, 9);
    expect(rows[0]).toMatchObject({
      annotationIds: ["r"],
      classId: "c",
      objectId: "wire",
      unit: "nm²",
      k: 1,
    });
    expect(rows[0]!.u).toBeGreaterThan(0.04 * 48 - 1e-9);
  });

  it("a line: length and direction; three vertices: the angle", () => {
    const rows = measure(
      mark("l", "measurement-line", [
        [
          [0, 30],
          [40, 0],
        ],
      ]),
    );
    expect(value(rows, "length")).toBeCloseTo(25, 9);
    expect(value(rows, "orientation")).toBeCloseTo((Math.atan2(30, 40) * 180) / Math.PI, 6);
    const bent = measure(
      mark("b", "measurement-line", [
        [
          [10, 0],
          [0, 0],
          [0, 5],
        ],
      ]),
    );
    expect(value(bent, "angle")).toBeCloseTo(90, 9);
  });

  it("traces of one interface are paired, with all pieces of the film", () => {
    const side = { interfaceId: "upper", objectId: "wire" };
    const rows = measure(
      mark("s", "interface-trace", [ground], { ...side, body: "substrate" }),
      mark(
        "f1",
        "interface-trace",
        [
          [
            [0, 44],
            [28, 44],
          ],
        ],
        { ...side, body: "film" },
      ),
      mark(
        "f2",
        "interface-trace",
        [
          [
            [32, 44],
            [60, 44],
          ],
        ],
        { ...side, body: "film" },
      ),
      mark("elsewhere", "interface-trace", [above], { interfaceId: "lower", objectId: "wire", body: "film" }),
    );
    expect(rows[0]).toMatchObject({
      annotationIds: ["s", "f1", "f2"],
      interfaceId: "upper",
      quantity: "gap_mean",
      unit: "nm",
    });
    expect(value(rows, "gap_mean")).toBeCloseTo(3, 9);
    expect(value(rows, "matched_length")).toBeCloseTo(28, 9);
    expect(new Set(rows.map((row) => row.quantity)).size).toBe(rows.length);
    const approximate = rows.filter((row) => row.warnings.includes("interval-is-approximate"));
    expect(approximate.map((row) => row.quantity)).toEqual(["delaminated_fraction"]);
  });

  it("a gap mark names its traces, which are then not paired twice", () => {
    const side = { interfaceId: "upper" };
    const rows = measure(
      mark("s", "interface-trace", [ground], { ...side, body: "substrate" }),
      mark("f", "interface-trace", [above], { ...side, body: "film" }),
      mark("g", "gap", [], {
        parameters: { substrateTraceId: "s", filmTraceId: "f" },
        classId: "delamination",
      }),
    );
    const means = rows.filter((row) => row.quantity === "gap_mean");
    expect(means).toMatchObject([
      { annotationIds: ["g", "s", "f"], classId: "delamination", interfaceId: "upper" },
    ]);
  });

  it("deleted marks and other frames take no part", () => {
    const side = { interfaceId: "upper" };
    const s = mark("s", "interface-trace", [ground], { ...side, body: "substrate", frames: [0, 0] });
    expect(
      measure(s, mark("f", "interface-trace", [above], { ...side, body: "film", deleted: true })),
    ).toEqual([]);
    expect(
      measure(s, mark("f", "interface-trace", [above], { ...side, body: "film", frames: [1, 3] })),
    ).toEqual([]);
    expect(
      measure(s, mark("f", "interface-trace", [above], { ...side, body: "film", frames: [0, 3] })),
    ).not.toEqual([]);
    expect(measure(mark("r", "region", [square], { deleted: true }))).toEqual([]);
  });

  it("a mark that cannot be measured stays in the table with its reason", () => {
    const [row] = measure(
      mark("r", "region", [
        [
          [0, 0],
          [5, 5],
          [10, 10],
        ],
      ]),
    );
    expect(row).toMatchObject({ value: null, warnings: ["degenerate-polygon"], annotationIds: ["r"] });
    expect(row!.refusal).toMatch(/three vertices/);
  });
});
