import type { Point } from "#core/geometry/point.ts";
import { createRandom } from "#core/random/generator.ts";
import { smoothProfile } from "./noise.ts";
import type { SyntheticState } from "./states.ts";

/** Grid on which a picture is computed, and the part of it that is shown (the margin hides Fourier wrap-around). */
export interface Frame {
  /** Side of the square Fourier grid, px, a power of two. */
  readonly gridPx: number;
  readonly marginXPx: number;
  readonly marginYPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly nmPerPx: number;
}

const fieldOfViewNm = 317;

/** A landscape frame within a square grid: 15/16 of its width, 3/4 of its height, 317 nm across the grid. */
export function frameOf(gridPx: number): Frame {
  const marginXPx = gridPx / 32;
  const marginYPx = gridPx / 8;
  return {
    gridPx,
    marginXPx,
    marginYPx,
    widthPx: gridPx - 2 * marginXPx,
    heightPx: gridPx - 2 * marginYPx,
    nmPerPx: fieldOfViewNm / gridPx,
  };
}

/** The two long sides of the wire as they lie in the picture: above and below the axis. */
export const sides = ["upper", "lower"] as const;
export type Side = (typeof sides)[number];

/**
 * Shape of one wire in one state: radii along the axis, and the map from the wire's frame (s along, v across, px) to
 * image px. The same seed gives the same wire in every state, with only the film changing.
 */
export class SyntheticWire {
  readonly frame: Frame;
  readonly state: SyntheticState;
  readonly coreNm: Float64Array;
  readonly shellNm: Float64Array;
  readonly filmInnerNm: Readonly<Record<Side, Float64Array>>;
  readonly filmOuterNm: Readonly<Record<Side, Float64Array>>;
  readonly gapNm: Readonly<Record<Side, Float64Array>>;
  readonly #cosine: number;
  readonly #sine: number;
  readonly #bendPerPx: number;

  constructor(frame: Frame, state: SyntheticState, seed: number) {
    this.frame = frame;
    this.state = state;
    const random = createRandom(seed);
    const between = (low: number, high: number) => low + (high - low) * random();
    const tilt = (between(-6, 6) * Math.PI) / 180;
    this.#cosine = Math.cos(tilt);
    this.#sine = Math.sin(tilt);
    this.#bendPerPx = between(-1, 1) * 9.7e-5 * frame.nmPerPx;
    const core = between(36, 42);
    const shell = between(7, 9);
    const n = 2 * frame.gridPx + 1;
    const profile = (correlationNm: number, amplitude: number) =>
      smoothProfile(random, n, correlationNm / frame.nmPerPx, amplitude);

    this.coreNm = profile(37, 0.35).map((v) => v + core);
    const shellRoughness = profile(3.7, 0.35);
    this.shellNm = this.coreNm.map((c, i) => c + shell + shellRoughness[i]!);
    const gapOf = (offset: number) =>
      profile(17, 1).map((v) => state.gapNm * Math.min(1.4, Math.max(0, v + offset)));
    this.gapNm = { upper: gapOf(0.7), lower: gapOf(-0.5) };
    const roughnessOf = () => {
      const fine = profile(2.8, 0.8);
      return profile(9.3, 0.6).map((v, i) => v + fine[i]!);
    };
    const roughness = { upper: roughnessOf(), lower: roughnessOf() };
    const inner = (side: Side) => this.shellNm.map((r, i) => r + this.gapNm[side][i]!);
    this.filmInnerNm = { upper: inner("upper"), lower: inner("lower") };
    const outer = (side: Side) =>
      this.filmInnerNm[side].map(
        (r, i) => r + Math.max(2, state.filmNm + roughness[side][i]! * state.roughnessNm),
      );
    this.filmOuterNm = { upper: outer("upper"), lower: outer("lower") };
  }

  /** Value of a profile at s px along the axis, linear between stations. */
  at(profile: Float64Array, s: number): number {
    const position = Math.min(profile.length - 1.001, Math.max(0, s + this.frame.gridPx));
    const i = Math.floor(position);
    const t = position - i;
    return profile[i]! * (1 - t) + profile[i + 1]! * t;
  }

  /** Position along and across the wire, px, of a point in image px. */
  toWire(x: number, y: number): { readonly s: number; readonly v: number } {
    const dx = x - this.frame.widthPx / 2;
    const dy = y - this.frame.heightPx / 2;
    const s = dx * this.#cosine + dy * this.#sine;
    return { s, v: -dx * this.#sine + dy * this.#cosine - this.#bendPerPx * s * s };
  }

  /** The inverse of `toWire`: image px of a point given in the wire's frame, px. */
  toImage(s: number, v: number): Point {
    const w = v + this.#bendPerPx * s * s;
    return {
      x: this.frame.widthPx / 2 + s * this.#cosine - w * this.#sine,
      y: this.frame.heightPx / 2 + s * this.#sine + w * this.#cosine,
    };
  }
}
