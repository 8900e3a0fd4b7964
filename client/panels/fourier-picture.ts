import type { ColourMap } from "#client/state/display-store.ts";
import { colourTable } from "#client/viewer/colour-maps.ts";
import type { PowerSpectrum } from "#core/measurement/fourier-spectrum.ts";

/** Share of bins that are black, and that are white: noise stays dark, spots and the middle are bright. */
const blackShare = 0.35;
const whiteShare = 0.9995;

/**
 * The logarithm of a spectrum's power as colours, RGBA, side × side. Black and white are set by its own bins; a spectrum
 * without any power is black.
 */
export function spectrumPixels(
  { power }: PowerSpectrum,
  colourMap: ColourMap,
): Uint8ClampedArray<ArrayBuffer> {
  const table = colourTable(colourMap);
  const logs = Float32Array.from(power, (value) => (value > 0 ? Math.log(value) : Number.NaN));
  const { low, high } = rangeOf(logs);
  const pixels = new Uint8ClampedArray(power.length * 4);
  const factor = 255 / (high - low);
  for (let i = 0; i < logs.length; i++) {
    const shade = logs[i]! >= low ? Math.min(255, Math.round((logs[i]! - low) * factor)) : 0;
    pixels[4 * i] = table[3 * shade]!;
    pixels[4 * i + 1] = table[3 * shade + 1]!;
    pixels[4 * i + 2] = table[3 * shade + 2]!;
    pixels[4 * i + 3] = 255;
  }
  return pixels;
}

/** Quantiles of a tenth of the bins at most: there are as many as pixels. */
function rangeOf(logs: Float32Array): { readonly low: number; readonly high: number } {
  const every = Math.max(1, Math.floor(logs.length / 65_536));
  const known: number[] = [];
  for (let i = 0; i < logs.length; i += every) if (Number.isFinite(logs[i]!)) known.push(logs[i]!);
  if (known.length < 2) return { low: 0, high: 1 };
  const sorted = Float32Array.from(known).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  const low = at(blackShare);
  return { low, high: Math.max(at(whiteShare), low + 1) };
}
