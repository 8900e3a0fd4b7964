import type { ColourMap } from "#client/state/display-store.ts";
import { colourTable } from "#client/viewer/colour-maps.ts";
import type { PowerSpectrum } from "#core/measurement/fourier-spectrum.ts";

/** Share of bins that are black: half of the noise. White is the highest bin outside the middle, and at least e³ over black. */
const blackShare = 0.5;
const leastRange = 3;
/** Bins about zero frequency that are shading: they do not set the brightness of the lattice. */
const middleBins = 4;
/** Enough of them for a quantile. */
const sampledBins = 16_384;

/**
 * The logarithm of a spectrum's power as colours: RGBA of the middle part, side/zoom bins square. Black and white are set
 * by the whole of it; a spectrum without any power is black.
 */
export function spectrumPixels(
  spectrum: PowerSpectrum,
  zoom: number,
  colourMap: ColourMap,
): Uint8ClampedArray<ArrayBuffer> {
  const { side, power } = spectrum;
  const shown = side / zoom;
  const from = (side - shown) / 2;
  const table = colourTable(colourMap);
  const black = blackOf(power);
  const factor = 255 / Math.max(leastRange, Math.log(whiteOf(spectrum)) - black);
  const pixels = new Uint8ClampedArray(shown * shown * 4);
  for (let y = 0, to = 0; y < shown; y++) {
    for (let x = 0, i = (from + y) * side + from; x < shown; x++, i++, to += 4) {
      const level = (Math.log(power[i]!) - black) * factor;
      const shade = level > 0 ? Math.min(255, Math.round(level)) : 0;
      pixels[to] = table[3 * shade]!;
      pixels[to + 1] = table[3 * shade + 1]!;
      pixels[to + 2] = table[3 * shade + 2]!;
      pixels[to + 3] = 255;
    }
  }
  return pixels;
}

/** Logarithm of the power that is black; 0 where there is none. */
function blackOf(power: Float32Array): number {
  const every = Math.max(1, Math.floor(power.length / sampledBins)) | 1;
  const known: number[] = [];
  for (let i = 0; i < power.length; i += every) if (power[i]! > 0) known.push(power[i]!);
  if (known.length === 0) return 0;
  return Math.log(Float32Array.from(known).sort()[Math.round(blackShare * (known.length - 1))]!);
}

/** The highest power outside the middle; the least number above 0 where there is none. */
function whiteOf({ side, power }: PowerSpectrum): number {
  const half = side / 2;
  let most = Number.MIN_VALUE;
  for (let i = 0; i < power.length; i++) {
    if (!(power[i]! > most)) continue;
    if (Math.hypot((i % side) - half, Math.floor(i / side) - half) > middleBins) most = power[i]!;
  }
  return most;
}
