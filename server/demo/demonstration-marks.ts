import type { Point } from "#core/geometry/point.ts";
import { createNormal, createRandom } from "#core/random/generator.ts";
import type { NewAnnotation } from "#core/schema/annotation.ts";
import type { SyntheticTruth } from "#core/synthetic/render-state.ts";
import type { Side } from "#core/synthetic/wire.ts";

/** Records of the demonstration's project that its marks refer to. */
export interface DemonstrationRecords {
  readonly delaminationClassId: string;
  readonly damageClassId: string;
  readonly objectId: string;
  readonly interfaceIds: Readonly<Record<Side, string>>;
}

/** Marks as two people might have drawn them on one state: near the truth, with the tremor of a hand. */
export function demonstrationMarks(
  truth: SyntheticTruth,
  records: DemonstrationRecords,
): { readonly first: readonly NewAnnotation[]; readonly second: readonly NewAnnotation[] } {
  const hand = new Hand(truth.seed * 101 + truth.state.length);
  const common = {
    objectId: records.objectId,
    origin: [{ by: "drawn", tool: "demonstration", version: "1" }] as const,
    drawnOn: { signal: "0", frame: 0, window: null },
  };
  const trace = (side: Side, body: "substrate" | "film"): NewAnnotation => ({
    ...common,
    kind: "interface-trace",
    name: `${side} ${body === "substrate" ? "TiN" : "Sb"}`,
    interfaceId: records.interfaceIds[side],
    body,
    rings: [
      open(hand.trace(body === "substrate" ? truth.sides[side].substrate : truth.sides[side].filmInner, 12)),
    ],
  });
  const diameter = (): NewAnnotation => {
    const { upper, lower } = truth.sides;
    const middle = Math.floor(upper.filmOuter.length / 3);
    return {
      ...common,
      kind: "measurement-line",
      name: "wire diameter",
      rings: [open([upper.filmOuter[middle]!, lower.filmOuter[middle]!])],
    };
  };

  switch (truth.state) {
    case "as-synthesised":
      return { first: [diameter()], second: [] };
    case "fully-sodiated":
      return { first: [diameter(), trace("upper", "substrate"), trace("upper", "film")], second: [] };
    case "after-edx":
      return {
        first: [
          {
            ...common,
            kind: "region",
            name: "hole after EDX",
            classId: records.damageClassId,
            rings: [closed(hand.trace(truth.damage!.holeOutline, 5))],
          },
        ],
        second: [
          {
            ...common,
            kind: "irradiated-area",
            name: "EDX scan box",
            rings: [closed(truth.damage!.scanBox)],
          },
        ],
      };
    case "desodiated":
      return {
        first: [trace("upper", "substrate"), trace("upper", "film"), diameter()],
        second: openings(truth, "upper").map((outline, i) => ({
          ...common,
          kind: "region",
          name: `opening ${i + 1}`,
          classId: records.delaminationClassId,
          attributes: { "separation-path": "at the interface", form: "gap" },
          interfaceId: records.interfaceIds.upper,
          rings: [closed(hand.trace(outline, 8))],
        })),
      };
    default:
      return { first: [], second: [] };
  }
}

/** Outlines of the stretches where the film stands off by more than 1.5 nm. */
function openings(truth: SyntheticTruth, side: Side): Point[][] {
  const { gapNm, substrate, filmInner } = truth.sides[side];
  const outlines: Point[][] = [];
  for (let start = 0; start < gapNm.length; start++) {
    if (gapNm[start]! <= 1.5) continue;
    let end = start;
    while (end + 1 < gapNm.length && gapNm[end + 1]! > 1.5) end++;
    if (end - start > 20)
      outlines.push([...substrate.slice(start, end + 1), ...filmInner.slice(start, end + 1).reverse()]);
    start = end + 1;
  }
  return outlines;
}

const open = (points: readonly Point[]) => ring(points, false);
const closed = (points: readonly Point[]) => ring(points, true);
const ring = (points: readonly Point[], isClosed: boolean) => ({
  closed: isClosed,
  hole: false,
  points: points.map(({ x, y }) => [x, y] as const),
});

/** Follows a boundary as a hand does: every `every`-th point, half a pixel off. */
class Hand {
  readonly #tremor: () => number;

  constructor(seed: number) {
    this.#tremor = createNormal(createRandom(seed));
  }

  trace(points: readonly Point[], every: number): Point[] {
    return points
      .filter((_, i) => i % every === 0 || i === points.length - 1)
      .map(({ x, y }) => ({ x: x + 0.5 * this.#tremor(), y: y + 0.5 * this.#tremor() }));
  }
}
