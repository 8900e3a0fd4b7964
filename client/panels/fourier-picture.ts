import type { ColourMap } from "#client/state/display-store.ts";
import { colourTable } from "#client/viewer/colour-maps.ts";
import type { PowerSpectrum } from "#core/measurement/fourier-spectrum.ts";

/** Share of bins that are black: half of the noise. White is the highest bin outside the middle, and at least e³ over black. */
const blackShare = 0.5;
const leastRange = 3;
/** Bins about zero frequency that are shading: they do not set the brightness of the lattice. */
const middleBins = 4;

/**
 * The logarithm of a spectrum's power as colours, RGBA, side × side. Black and white are set by its own bins; a spectrum
 * without any power is black.
 */
export function spectrumPixels(
  { side, power }: PowerSpectrum,
  colourMap: ColourMap,
): Uint8ClampedArray<ArrayBuffer> {
  const table = colourTable(colourMap);
  const logs = Float32Array.from(power, (value) => (value > 0 ? Math.log(value) : Number.NaN));
  const low = blackOf(logs);
  const factor = 255 / Math.max(leastRange, whiteOf(logs, side) - low);
  const pixels = new Uint8ClampedArray(power.length * 4);
  for (let i = 0; i < logs.length; i++) {
    const shade = logs[i]! >= low ? Math.min(255, Math.round((logs[i]! - low) * factor)) : 0;
    pixels[4 * i] = table[3 * shade]!;
    pixels[4 * i + 1] = table[3 * shade + 1]!;
    pixels[4 * i + 2] = table[3 * shade + 2]!;
    pixels[4 * i + 3] = 255;
  }
  return pixels;
}

/** A quantile of some of the bins: there are as many as pixels. */
function blackOf(logs: Float32Array): number {
  const every = Math.max(1, Math.floor(logs.length / 65_536));
  const known: number[] = [];
  for (let i = 0; i < logs.length; i += every) if (Number.isFinite(logs[i]!)) known.push(logs[i]!);
  if (known.length === 0) return 0;
  return Float32Array.from(known).sort()[Math.round(blackShare * (known.length - 1))]!;
}

function whiteOf(logs: Float32Array, side: number): number {
  const half = side / 2;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logs.length; i++) {
    if (!(logs[i]! > most)) continue;
    if (Math.hypot((i % side) - half, Math.floor(i / side) - half) > middleBins) most = logs[i]!;
  }
  return Number.isFinite(most) ? most : 0;
}
