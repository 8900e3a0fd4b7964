import type { Point } from "#core/geometry/point.ts";
import { createNormal, createRandom } from "#core/random/generator.ts";
import { beamDamage } from "./damage.ts";
import { formImage } from "./image-formation.ts";
import { project } from "./specimen.ts";
import { type SyntheticState, syntheticStates } from "./states.ts";
import { frameOf, type Side, SyntheticWire } from "./wire.ts";

/** True boundaries of one side, image px, drift applied, stations every 2 px along the axis. */
export interface SideTruth {
  readonly substrate: readonly Point[];
  readonly filmInner: readonly Point[];
  readonly filmOuter: readonly Point[];
  readonly stationPx: readonly number[];
  readonly gapNm: readonly number[];
  readonly gapMeanNm: number;
  readonly gapMaxNm: number;
  /** Share of stations with a gap above 1 nm. */
  readonly delaminatedFraction: number;
}

export interface SyntheticTruth {
  readonly state: string;
  readonly seed: number;
  readonly nmPerPx: number;
  readonly defocusNm: number;
  readonly fluenceElectronsPerNm2: number;
  readonly driftPx: Point;
  readonly sides: Readonly<Record<Side, SideTruth>>;
  readonly coreDiameterNm: number;
  readonly wireDiameterNm: number;
  readonly damage: { readonly holeOutline: readonly Point[]; readonly scanBox: readonly Point[] } | null;
}

export interface SyntheticMicrograph {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Row-major 16-bit counts. */
  readonly counts: Uint16Array;
  readonly truth: SyntheticTruth;
}

/**
 * Renders one state of the synthetic in-situ series, with its truth. Deterministic by seed; one seed is one wire.
 *
 * @param gridPx side of the Fourier grid, a power of two; the picture is 15/16 of it wide and 3/4 high, 317 nm across the grid
 * Limits: projection of a cylinder with diffraction contrast drawn at random: for demonstrations, tests and benches.
 */
export function renderState(state: SyntheticState, seed: number, gridPx: number): SyntheticMicrograph {
  const frame = frameOf(gridPx);
  const index = syntheticStates.findIndex(({ id }) => id === state.id);
  const wander = createNormal(createRandom(seed * 31 + index));
  const driftPx =
    index === 0
      ? { x: 0, y: 0 }
      : { x: (1.2 * wander()) / frame.nmPerPx, y: (1.2 * wander()) / frame.nmPerPx };
  const wire = new SyntheticWire(frame, state, seed);
  const damage = state.damaged ? beamDamage(wire) : null;
  const conditions = { defocusNm: -900, fluenceElectronsPerNm2: 9400, driftPx };
  const counts = formImage(project(wire, damage, seed), frame, conditions, seed * 1000 + 17 + index);
  const shifted = (points: readonly Point[]) =>
    points.map((p) => ({ x: p.x + driftPx.x, y: p.y + driftPx.y }));
  const stations = stationsWithin(wire);
  const mean = (profile: Float64Array) =>
    stations.reduce((sum, s) => sum + wire.at(profile, s), 0) / stations.length;

  const sideTruth = (side: Side): SideTruth => {
    const sign = side === "upper" ? -1 : 1;
    const boundary = (profile: Float64Array) =>
      shifted(stations.map((s) => wire.toImage(s, (sign * wire.at(profile, s)) / frame.nmPerPx)));
    const gapNm = stations.map((s) => wire.at(wire.gapNm[side], s));
    return {
      substrate: boundary(wire.shellNm),
      filmInner: boundary(wire.filmInnerNm[side]),
      filmOuter: boundary(wire.filmOuterNm[side]),
      stationPx: stations,
      gapNm,
      gapMeanNm: gapNm.reduce((a, b) => a + b, 0) / gapNm.length,
      gapMaxNm: Math.max(...gapNm),
      delaminatedFraction: gapNm.filter((g) => g > 1).length / gapNm.length,
    };
  };

  return {
    widthPx: frame.widthPx,
    heightPx: frame.heightPx,
    counts,
    truth: {
      state: state.id,
      seed,
      nmPerPx: frame.nmPerPx,
      defocusNm: conditions.defocusNm,
      fluenceElectronsPerNm2: conditions.fluenceElectronsPerNm2,
      driftPx,
      sides: { upper: sideTruth("upper"), lower: sideTruth("lower") },
      coreDiameterNm: 2 * mean(wire.coreNm),
      wireDiameterNm: mean(wire.filmOuterNm.upper) + mean(wire.filmOuterNm.lower),
      damage: damage && { holeOutline: shifted(damage.holeOutline), scanBox: shifted(damage.scanBox) },
    },
  };
}

/** Stations every 2 px along the axis that lie well within the picture. */
function stationsWithin(wire: SyntheticWire): number[] {
  const reach = Math.floor(0.44 * wire.frame.widthPx);
  return Array.from({ length: reach }, (_, i) => -reach + 2 * i);
}
