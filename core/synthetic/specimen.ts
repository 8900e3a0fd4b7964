import { createRandom } from "#core/random/generator.ts";
import type { BeamDamage } from "./damage.ts";
import { bandNoise, blur, createBeta, voronoiGrains } from "./noise.ts";
import type { SyntheticWire } from "./wire.ts";

/** Effective bright-field attenuation lengths, nm, and phase shifts, rad/nm (300 kV). */
const attenuationNm = { ge: 150, tin: 95, sb: 80, na3sb: 170, carbon: 230 } as const;
const phasePerNm = { ge: 0.093, tin: 0.105, sb: 0.1, na3sb: 0.055, carbon: 0.055 } as const;

const chord = (distance: number, radius: number) =>
  2 * Math.sqrt(Math.max(0, radius * radius - distance * distance));

/** What the beam meets at every pixel of the grid: total attenuation Σ t/Λ, and phase, rad. */
export interface Projection {
  readonly attenuation: Float32Array;
  readonly phase: Float32Array;
}

/**
 * Projects the wire: chords through core, shell and film, with diffraction contrast of grains and bend contours, a
 * carbon support in one corner, and the marks of the beam. An open gap is covered by 0.10 of the flap's thickness.
 */
export function project(wire: SyntheticWire, damage: BeamDamage | null, seed: number): Projection {
  const { gridPx: n, marginXPx, marginYPx, nmPerPx } = wire.frame;
  const x = wire.state.sodiation;
  const grains = createRandom(seed + 11);
  const filmGrains = voronoiGrains(
    grains,
    n,
    n,
    (9 / nmPerPx) * (1 + 0.5 * x),
    createBeta(grains, 0.45, 2.2),
  );
  const shellGrains = voronoiGrains(grains, n, n, 3.2 / nmPerPx, createBeta(grains, 0.6, 1.8));
  blur(filmGrains, n, n, 0.28 / nmPerPx);
  blur(shellGrains, n, n, 0.25 / nmPerPx);
  const amorphous = bandNoise(createRandom(seed + 12), n, n, 1.1 / nmPerPx, 6 / nmPerPx);

  const attenuation = new Float32Array(n * n);
  const phase = new Float32Array(n * n);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      const i = row * n + column;
      const { s, v } = wire.toWire(column + 0.5 - marginXPx, row + 0.5 - marginYPx);
      const side = v < 0 ? "upper" : "lower";
      const distance = Math.abs(v) * nmPerPx;
      const shellRadius = wire.at(wire.shellNm, s);
      const innerRadius = wire.at(wire.filmInnerNm[side], s);
      const outerRadius = wire.at(wire.filmOuterNm[side], s);
      const ge = chord(distance, wire.at(wire.coreNm, s));
      const tin = chord(distance, shellRadius) - ge;
      let film = chord(distance, outerRadius) - chord(distance, innerRadius);
      if (distance < innerRadius) {
        const covered = 0.3 + 0.7 * Math.min(1, distance / shellRadius) ** 6;
        // A flap of a thin opening still covers it: the gap clears over its first 0.6 nm.
        const open = distance > shellRadius ? Math.min(1, Math.max(0, (innerRadius - shellRadius) / 0.6)) : 0;
        film *= covered + (0.1 - covered) * open;
      }
      let contamination = 0;
      if (damage) {
        film = film * (1 - 0.9 * damage.holeAt(s, v)) + (film > 0 ? damage.rimNmAt(s, v) : 0);
        contamination = damage.contaminationNmAt(s, v) / (1 + Math.exp((distance - outerRadius) / 0.3));
      }
      const carbon = supportNm(s, v, n, nmPerPx);
      const noise = amorphous[i]!;
      attenuation[i] =
        (ge / attenuationNm.ge) * (1 + 1.1 * bendContours(s * nmPerPx, v * nmPerPx) * (1 - 0.3 * x)) +
        (tin / attenuationNm.tin) * (1 + 2.4 * shellGrains[i]!) +
        film *
          ((1 - x) / attenuationNm.sb + x / attenuationNm.na3sb) *
          (1 + 1.9 * filmGrains[i]! * (1 - 0.55 * x)) +
        ((carbon * (1 + 0.1 * noise) + contamination) / attenuationNm.carbon) * 2.2 +
        (film > 0 ? 0.035 * noise * x : 0);
      phase[i] =
        0.55 *
          (ge * phasePerNm.ge +
            tin * phasePerNm.tin +
            film * ((1 - x) * phasePerNm.sb + x * phasePerNm.na3sb)) +
        carbon * phasePerNm.carbon * (1 + 0.14 * noise) +
        contamination * phasePerNm.carbon * (1 + 0.06 * noise);
    }
  }
  blur(phase, n, n, 0.25 / nmPerPx);
  return { attenuation, phase };
}

/** Four slanted bands where the bent single-crystal core meets a Bragg condition: extra attenuation, relative. */
function bendContours(sNm: number, vNm: number): number {
  let sum = 0;
  for (const [amplitude, centre, slant, width] of contours) {
    sum += amplitude * Math.exp(-(((sNm - centre - slant * vNm) / width) ** 2));
  }
  return 1.5 * sum;
}
const contours = [
  [0.55, -120, 0.35, 16],
  [0.4, 16, -0.2, 9],
  [0.6, 104, 0.5, 22],
  [0.3, -32, 0.8, 6],
] as const;

/** Thickness, nm, of the lacey carbon support that fills one corner of the field. */
function supportNm(s: number, v: number, n: number, nmPerPx: number): number {
  const edge = 0.4 * n + 0.03 * n * Math.sin((s / n) * 7 + 1) + 0.012 * n * Math.sin((s / n) * 23);
  return 14 / (1 + Math.exp(-(v - edge + 0.45 * s) * (nmPerPx / 0.46)));
}
