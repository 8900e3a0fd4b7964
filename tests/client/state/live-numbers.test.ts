import { describe, expect, it } from "vitest";
import { createMeasurer, stationIndexAt } from "#client/state/gap-store.ts";
import { withDrafts } from "#client/state/live-annotations.ts";
import { calibrationFromFile } from "#core/micrograph/calibration.ts";
import type { Draft } from "#core/protocol/presence.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { plainMark } from "#tests/core/schema/plain-mark.ts";

const calibration = calibrationFromFile(0.5, 0.5, "nm", "test");
const settings = { method: "normal", thresholdNm: null, calibration } as const;

function mark(
  id: string,
  points: readonly (readonly [number, number])[],
  over: Partial<Annotation> = {},
): Annotation {
  const vertices = points.map(([x, y], i) => ({ id: i, x, y }));
  return plainMark({
    ...{ id, kind: "interface-trace", interfaceId: "interface1", body: "substrate" },
    outline: { rings: [{ closed: false, hole: false, vertices }] },
    ...over,
  });
}

const substrate = mark("substrate", [
  [0, 100],
  [400, 100],
]);
const film = mark(
  "film",
  [
    [0, 80],
    [400, 80],
  ],
  { body: "film" },
);

const shape = (fields: Partial<Extract<Draft, { type: "shape" }>>): Draft => ({
  type: "shape",
  kind: "interface-trace",
  classId: null,
  annotationId: null,
  interfaceId: "interface1",
  body: "film",
  rings: [{ closed: false, hole: false, xy: [0, 70, 400, 70] }],
  ...fields,
});

function meanOf(marks: readonly Annotation[], measure = createMeasurer()): number {
  const { report } = measure(marks, settings).gaps[0]!;
  if (!report.ok) throw new Error(report.message);
  return report.statistics.mean;
}

describe("numbers while somebody draws", () => {
  it("come from the marks alone where nobody does: 20 px of 0.5 nm are 10 nm", () => {
    expect(meanOf([substrate, film])).toBeCloseTo(10, 9);
  });

  it("follow a trace that is being reshaped", () => {
    const live = withDrafts([substrate, film], [{ owner: "7", draft: shape({ annotationId: "film" }) }]);
    expect(meanOf(live)).toBeCloseTo(15, 9);
  });

  it("appear while the second trace is being drawn for the first time", () => {
    expect(createMeasurer()([substrate], settings).gaps).toEqual([]);
    const live = withDrafts([substrate], [{ owner: "me", draft: shape({}) }]);
    expect(meanOf(live)).toBeCloseTo(15, 9);
  });

  it("follow a whole mark that is being moved", () => {
    const draft: Draft = { type: "transform", annotationIds: ["film"], affine: [1, 0, 0, 1, 0, -20] };
    expect(meanOf(withDrafts([substrate, film], [{ owner: "7", draft }]))).toBeCloseTo(20, 9);
  });

  it("ignore drafts of marks that are not here, and shapes of a single point", () => {
    const gone = shape({ annotationId: "purged" });
    const point = shape({ rings: [{ closed: false, hole: false, xy: [1, 2] }] });
    expect(withDrafts([substrate], [{ owner: "7", draft: gone }])).toEqual([substrate]);
    expect(withDrafts([substrate], [{ owner: "7", draft: point }])).toEqual([substrate]);
  });

  it("are computed anew only for what changed", () => {
    const measure = createMeasurer();
    const other = [
      mark(
        "s2",
        [
          [0, 300],
          [400, 300],
        ],
        { interfaceId: "interface2" },
      ),
      mark(
        "f2",
        [
          [0, 290],
          [400, 290],
        ],
        { interfaceId: "interface2", body: "film" },
      ),
    ];
    const first = measure([substrate, film, ...other], settings).gaps;
    const live = withDrafts(
      [substrate, film, ...other],
      [{ owner: "7", draft: shape({ annotationId: "film" }) }],
    );
    const second = measure(live, settings).gaps;
    expect(second[0]!.report).not.toBe(first[0]!.report);
    expect(second[1]!.report).toBe(first[1]!.report);
    const third = measure(live, { ...settings, thresholdNm: 12 }).gaps;
    expect(third[1]!.report).not.toBe(second[1]!.report);
  });

  it("are in px, and say so, where there is no calibration", () => {
    const none = { state: "uncalibrated", reason: "test" } as const;
    const { report } = createMeasurer()([substrate, film], { ...settings, calibration: none }).gaps[0]!;
    expect(report.ok && report.unit).toBe("px");
    expect(report.ok && report.statistics.mean).toBeCloseTo(20, 9);
  });

  it("list lengths and areas mark by mark", () => {
    const line = mark(
      "line",
      [
        [0, 0],
        [30, 40],
      ],
      { kind: "measurement-line", interfaceId: null, body: null },
    );
    const rows = createMeasurer()([line], settings).rows;
    expect(rows.find(({ quantity }) => quantity === "length")).toMatchObject({ value: 25, unit: "nm" });
  });
});

describe("numbers of very many marks", () => {
  const lines = Array.from({ length: 50 }, (_, i) =>
    mark(
      `line ${i}`,
      [
        [0, 0],
        [30, 40 + i],
      ],
      { kind: "measurement-line", interfaceId: null, body: null },
    ),
  );
  const measuredIds = (rows: readonly { readonly annotationIds: readonly string[] }[]) => [
    ...new Set(rows.map(({ annotationIds }) => annotationIds[0])),
  ];

  it("come in turns, what somebody looks at first, and are in the end the same as in one go", () => {
    const measure = createMeasurer();
    const turn = (count: number, first: readonly string[] = []) => {
      let left = count;
      return measure(lines, settings, { first: new Set(first), mayGoOn: () => left-- > 0 });
    };
    const begun = turn(10, ["line 40"]);
    expect(begun.isWhole).toBe(false);
    expect(measuredIds(begun.rows)).toEqual([...lines.slice(0, 10).map(({ id }) => id), "line 40"]);
    expect(measuredIds(turn(0).rows)).toHaveLength(11);
    const whole = turn(lines.length);
    expect(whole.isWhole).toBe(true);
    expect(whole.rows).toEqual(createMeasurer()(lines, settings).rows);
  });

  it("leave no interface out, however short the turn", () => {
    const marks = [...lines, substrate, film];
    const { gaps, isWhole } = createMeasurer()(marks, settings, { first: new Set(), mayGoOn: () => false });
    expect(gaps).toHaveLength(1);
    expect(isWhole).toBe(false);
  });
});

describe("a station by its arc length", () => {
  it("is the nearest, and never beyond the ends", () => {
    const s = Float64Array.of(0.5, 1.5, 2.5, 3.5);
    expect([0, 0.9, 1.1, 3.4, 99].map((at) => stationIndexAt(s, at))).toEqual([0, 0, 1, 3, 3]);
  });
});
