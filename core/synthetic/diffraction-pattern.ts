import type { Point } from "#core/geometry/point.ts";
import { createNormal, createRandom } from "#core/random/generator.ts";
import { blur, createGamma, createPoisson } from "./noise.ts";

export interface DiffractionTruth {
  readonly centrePx: Point;
  /** Reciprocal nanometres a pixel. */
  readonly perNmPerPx: number;
  readonly rings: readonly { readonly phase: string; readonly dNm: number; readonly radiusPx: number }[];
}

const perNmPerPx = 0.035;
const ringsOf = (sodiation: number) => [
  ...[0.2448, 0.212, 0.1499, 0.1278].map((dNm) => ({ phase: "TiN", dNm, weight: 160 })),
  ...[0.3109, 0.2248, 0.2153, 0.177].map((dNm) => ({ phase: "Sb", dNm, weight: 240 * (1 - sodiation) })),
  ...[0.4758, 0.4147, 0.2683, 0.2344].map((dNm) => ({ phase: "Na3Sb", dNm, weight: 260 * sodiation })),
];

/**
 * A selected-area diffraction pattern of the wire: central beam and halo, spotty rings of TiN, Sb and Na₃Sb, the [001]
 * net of the Ge core, and the beam stop. 16-bit counts, 0.035 nm⁻¹/px at 512 px.
 *
 * @param sidePx side of the pattern, px; the scale stays, so a larger one reaches farther out
 */
export function renderDiffraction(
  sodiation: number,
  seed: number,
  sidePx: number,
): { readonly counts: Uint16Array; readonly truth: DiffractionTruth } {
  const random = createRandom(seed);
  const normal = createNormal(random);
  const gamma = createGamma(random, 0.6);
  const centre = { x: sidePx / 2 + 3.3, y: sidePx / 2 - 2.1 };
  const intensity = new Float32Array(sidePx * sidePx);
  const addSpot = (x: number, y: number, height: number, width2: number) => {
    for (let py = Math.max(0, Math.floor(y) - 7); py <= Math.min(sidePx - 1, Math.floor(y) + 7); py++) {
      for (let px = Math.max(0, Math.floor(x) - 7); px <= Math.min(sidePx - 1, Math.floor(x) + 7); px++) {
        intensity[py * sidePx + px]! +=
          height * Math.exp(-((px + 0.5 - x) ** 2 + (py + 0.5 - y) ** 2) / width2);
      }
    }
  };

  const rings = ringsOf(sodiation)
    .filter(({ weight }) => weight >= 8)
    .map((ring) => ({ ...ring, radiusPx: 1 / ring.dNm / perNmPerPx }));
  for (let y = 0; y < sidePx; y++) {
    for (let x = 0; x < sidePx; x++) {
      const r = Math.hypot(x + 0.5 - centre.x, y + 0.5 - centre.y);
      let value = 3e4 * Math.exp(-((r / 5) ** 2)) + 900 * Math.exp(-r / 28) + 260 * Math.exp(-r / 90);
      for (const { weight, radiusPx } of rings) {
        if (Math.abs(r - radiusPx) < 8) value += 0.55 * weight * Math.exp(-(((r - radiusPx) / 1.8) ** 2));
      }
      intensity[y * sidePx + x] = value;
    }
  }
  for (const { weight, radiusPx } of rings) {
    for (let i = 0; i < 30 + 0.35 * radiusPx; i++) {
      const angle = 2 * Math.PI * random();
      const radius = radiusPx + 0.5 * normal();
      addSpot(
        centre.x + radius * Math.cos(angle),
        centre.y + radius * Math.sin(angle),
        3 * weight * gamma(),
        3.2,
      );
    }
  }
  const g220 = 1 / (0.5658 / Math.sqrt(8)) / perNmPerPx;
  for (let h = -3; h <= 3; h++) {
    for (let k = -3; k <= 3; k++) {
      if (h === 0 && k === 0) continue;
      const x = g220 * (h * Math.cos(0.35) - k * Math.sin(0.35));
      const y = g220 * (h * Math.sin(0.35) + k * Math.cos(0.35));
      addSpot(centre.x + x, centre.y + y, 9000 * Math.exp(-Math.hypot(x, y) / 110), 6);
    }
  }
  for (let y = 0; y < sidePx; y++) {
    for (let x = 0; x < sidePx; x++) {
      const dx = x + 0.5 - centre.x;
      const dy = y + 0.5 - centre.y;
      if (Math.abs(0.94 * dy + 0.34 * dx) < 5 && 0.94 * dx - 0.34 * dy > -8)
        intensity[y * sidePx + x]! *= 0.02;
    }
  }
  blur(intensity, sidePx, sidePx, 0.7);
  const poisson = createPoisson(random);
  return {
    counts: Uint16Array.from(intensity, (value) => Math.min(65_535, poisson(value + 12))),
    truth: {
      centrePx: centre,
      perNmPerPx,
      rings: rings.map(({ phase, dNm, radiusPx }) => ({ phase, dNm, radiusPx })),
    },
  };
}
