import { SquareFourier } from "#core/statistics/fourier.ts";
import { MeasurementError } from "./measurement-error.ts";

/** "hann" lets no edge of the region shine through as a cross; "none" keeps the sharpest spots of a periodic region. */
export type SpectrumWindow = "hann" | "none";

/** Power of a square region by spatial frequency, zero frequency in the middle. */
export interface PowerSpectrum {
  readonly side: number;
  readonly window: SpectrumWindow;
  /**
   * Row-major, side × side; the frequency of (column, row) is ((column - side/2)/side, (row - side/2)/side) cycles a px.
   * In units of the mean power of white noise with the region's own variance: a featureless region is 1 everywhere.
   */
  readonly power: Float32Array;
  /** Share of the region's values that are numbers. */
  readonly finiteShare: number;
}

/** Sides a region may have: spots need some bins between them and the middle, and a screen shows no more. */
export const spectrumSides = [64, 128, 256, 512, 1024, 2048] as const;
export type SpectrumSide = (typeof spectrumSides)[number];

/**
 * Power spectrum of a square of recorded values. Its weighted mean is taken off first; values that are not finite are
 * replaced by that mean. A constant region has no power anywhere.
 *
 * @param values row-major, side × side
 * @throws MeasurementError `bad-coordinates` where the values do not fill a square whose side is a power of two, or where
 *   none of them is a number
 * Source: Hann's window as in Harris, Proc. IEEE 66 (1978) 51 (periodic form: a sine on a bin fills three bins exactly).
 */
export function powerSpectrum(
  values: ArrayLike<number>,
  side: number,
  window: SpectrumWindow = "hann",
): PowerSpectrum {
  const n = side;
  if (n < 2 || (n & (n - 1)) !== 0 || values.length !== n * n) {
    throw new MeasurementError(
      "bad-coordinates",
      `Expected ${n} × ${n} values with a side that is a power of two, got ${values.length}. Choose another region.`,
      { side, values: values.length },
    );
  }
  const taper = window === "hann" ? hann(n) : new Float64Array(n).fill(1);
  let [finite, weights, sum] = [0, 0, 0];
  for (let y = 0, i = 0; y < n; y++) {
    for (let x = 0; x < n; x++, i++) {
      const value = values[i]!;
      if (!Number.isFinite(value)) continue;
      const weight = taper[x]! * taper[y]!;
      finite++;
      weights += weight;
      sum += weight * value;
    }
  }
  if (finite === 0) {
    throw new MeasurementError(
      "bad-coordinates",
      "Expected numbers in the region, but none of its pixels holds one. Choose another region.",
    );
  }
  const mean = weights > 0 ? sum / weights : 0;
  const re = new Float64Array(n * n);
  let squares = 0;
  for (let y = 0, i = 0; y < n; y++) {
    for (let x = 0; x < n; x++, i++) {
      const value = values[i]!;
      if (!Number.isFinite(value)) continue;
      const above = taper[x]! * taper[y]! * (value - mean);
      squares += above * above;
      re[i] = above;
    }
  }
  // Rounding of a constant is not a pattern.
  const flat = squares <= (mean * 1e-12) ** 2 * finite;
  const power = new Float32Array(n * n);
  if (!flat) {
    const im = new Float64Array(n * n);
    new SquareFourier(n).forward(re, im);
    const half = n / 2;
    for (let y = 0; y < n; y++) {
      const row = ((y + half) & (n - 1)) * n;
      for (let x = 0; x < n; x++) {
        const i = y * n + x;
        power[row + ((x + half) & (n - 1))] = (re[i]! * re[i]! + im[i]! * im[i]!) / squares;
      }
    }
  }
  return { side: n, window, power, finiteShare: finite / (n * n) };
}

function hann(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / n));
}
