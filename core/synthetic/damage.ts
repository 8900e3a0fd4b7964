import type { Point } from "#core/geometry/point.ts";
import type { SyntheticWire } from "./wire.ts";

/** What the EDX beam did: an irregular hole in the lower film, and carbon over the scanned box. All px of the wire's frame. */
export interface BeamDamage {
  /** 1 well inside the hole, 0 well outside. */
  holeAt(s: number, v: number): number;
  /** Film piled up along the rim, nm. */
  rimNmAt(s: number, v: number): number;
  /** Carbon thickness deposited in the scanned box, nm. */
  contaminationNmAt(s: number, v: number): number;
  readonly holeOutline: readonly Point[];
  readonly scanBox: readonly Point[];
}

const wobble = (theta: number) =>
  1 + 0.1 * Math.sin(3 * theta + 1) + 0.06 * Math.sin(5 * theta + 2) + 0.03 * Math.sin(9 * theta);

export function beamDamage(wire: SyntheticWire): BeamDamage {
  const { nmPerPx, gridPx } = wire.frame;
  const centreS = -0.13 * gridPx;
  const centreV = (wire.at(wire.shellNm, centreS) + 0.5 * wire.state.filmNm) / nmPerPx;
  const halfS = 0.062 * gridPx;
  const halfV = (0.42 * wire.state.filmNm) / nmPerPx;
  const radius = (s: number, v: number) =>
    Math.hypot((s - centreS) / halfS, (v - centreV) / halfV) / wobble(Math.atan2(v - centreV, s - centreS));
  const box = {
    left: centreS - 1.35 * halfS,
    right: centreS + 1.35 * halfS,
    top: centreV - 1.9 * halfV,
    bottom: centreV + 1.9 * halfV,
  };
  const edgePx = 0.6 / nmPerPx;
  const step = (distancePx: number) => 1 / (1 + Math.exp(-distancePx / edgePx));
  return {
    holeAt: (s, v) => 1 / (1 + Math.exp((radius(s, v) - 1) / 0.045)),
    rimNmAt: (s, v) => 5.2 * Math.exp(-(((radius(s, v) - 1.05) / 0.1) ** 2)),
    contaminationNmAt: (s, v) =>
      6 * step(s - box.left) * step(box.right - s) * step(v - box.top) * step(box.bottom - v),
    holeOutline: Array.from({ length: 180 }, (_, i) => {
      const t = (2 * Math.PI * i) / 180;
      const r = wobble(t) / Math.hypot(Math.cos(t) / halfS, Math.sin(t) / halfV);
      return wire.toImage(centreS + r * Math.cos(t), centreV + r * Math.sin(t));
    }),
    scanBox: [
      wire.toImage(box.left, box.top),
      wire.toImage(box.right, box.top),
      wire.toImage(box.right, box.bottom),
      wire.toImage(box.left, box.bottom),
    ],
  };
}
