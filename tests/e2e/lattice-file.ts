import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createNormal, createRandom } from "#core/random/generator.ts";
import { calibratedTiff } from "#core/synthetic/calibrated-tiff.ts";

export interface LatticeTruth {
  readonly widthPx: number;
  readonly heightPx: number;
  /** True pixel size, and the wrong one that the file claims. */
  readonly nmPerPx: number;
  readonly claimedNmPerPx: number;
  readonly spacingNm: number;
  /** Direction of g, anticlockwise on the screen against the x axis. */
  readonly angleDeg: number;
}

/**
 * A 16-bit image of one crystal: planes 0.32664 nm apart (Ge 111) and a second set 70.5° from them, on a level with noise.
 * Its tags claim a pixel size that is 4 % too large, as a microscope's may.
 */
export function writeLatticeFile(folder: string, name: string): { path: string; truth: LatticeTruth } {
  const truth: LatticeTruth = {
    widthPx: 1100,
    heightPx: 820,
    nmPerPx: 0.025,
    claimedNmPerPx: 0.026,
    spacingNm: 0.32664,
    angleDeg: 22,
  };
  const { widthPx, heightPx, nmPerPx, spacingNm, angleDeg } = truth;
  const normal = createNormal(createRandom(4));
  const wave = (deg: number) => {
    const angle = (deg * Math.PI) / 180;
    const k = (2 * Math.PI * nmPerPx) / spacingNm;
    return { x: k * Math.cos(angle), y: -k * Math.sin(angle) };
  };
  const [a, b] = [wave(angleDeg), wave(angleDeg + 70.53)];
  const counts = Uint16Array.from({ length: widthPx * heightPx }, (_, i) => {
    const [x, y] = [i % widthPx, Math.floor(i / widthPx)];
    const planes = 600 * Math.cos(a.x * x + a.y * y) + 350 * Math.cos(b.x * x + b.y * y);
    return Math.round(8000 + 1.2 * x + planes + 400 * normal());
  });
  const path = join(folder, name);
  writeFileSync(path, calibratedTiff(counts, widthPx, heightPx, truth.claimedNmPerPx, "nm"));
  return { path, truth };
}
