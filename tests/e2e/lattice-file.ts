import { writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
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

export interface PatternTruth {
  readonly side: number;
  readonly perNmPerPx: number;
  readonly claimedPerNmPerPx: number;
  readonly spacingNm: number;
  /** Two opposite spots, px. */
  readonly spots: readonly [readonly [number, number], readonly [number, number]];
}

/** A diffraction pattern: a beam, two pairs of TiN 200 spots between the pixels, noise; its tags are 5 % off. */
export function writePatternFile(folder: string, name: string): { path: string; truth: PatternTruth } {
  const side = 512;
  const perNmPerPx = 0.031;
  const spacingNm = 0.2121;
  const radius = 1 / spacingNm / perNmPerPx;
  const middle = [251.3, 260.8] as const;
  const at = (deg: number): readonly [number, number] => [
    middle[0] + radius * Math.cos((deg * Math.PI) / 180),
    middle[1] + radius * Math.sin((deg * Math.PI) / 180),
  ];
  const normal = createNormal(createRandom(9));
  const places = [
    [...middle, 60_000, 5] as const,
    ...[12, 192, 102, 282].map((deg) => [...at(deg), 9000, 2.4] as const),
  ];
  const counts = Uint16Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [(i % side) + 0.5, Math.floor(i / side) + 0.5];
    const spots = places.reduce(
      (sum, [sx, sy, height, sigma]) =>
        sum + height * Math.exp(-((x - sx) ** 2 + (y - sy) ** 2) / (2 * sigma ** 2)),
      0,
    );
    return Math.min(65535, Math.max(0, Math.round(300 + spots + 20 * normal())));
  });
  const truth = {
    side,
    perNmPerPx,
    claimedPerNmPerPx: 1.05 * perNmPerPx,
    spacingNm,
    spots: [at(12), at(192)] as const,
  };
  const path = join(folder, name);
  writeFileSync(path, calibratedTiff(counts, side, side, truth.claimedPerNmPerPx, "1/nm"));
  return { path, truth };
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

/** Fringes 9.7 px apart along x: a grey JPEG that holds red, green and blue, as recordings are often saved, and one in colour. */
export async function writeColourFiles(
  folder: string,
): Promise<{ grey: string; colour: string; spacingPx: number }> {
  const [width, height, spacingPx] = [320, 260, 9.7];
  const picture = (shift: number) =>
    Buffer.from(
      Uint8Array.from({ length: width * height * 3 }, (_, i) => {
        const x = Math.floor(i / 3) % width;
        return 128 + 70 * Math.cos((2 * Math.PI * (x + shift * (i % 3))) / spacingPx);
      }),
    );
  const raw = { width, height, channels: 3 } as const;
  const [grey, colour] = [join(folder, "grey in colour.jpg"), join(folder, "colour.png")];
  await sharp(picture(0), { raw }).jpeg({ quality: 97 }).toFile(grey);
  await sharp(picture(2), { raw }).png().toFile(colour);
  return { grey, colour, spacingPx };
}
