import { createSamples, type SampleArray, type SampleType } from "#core/micrograph/raster.ts";
import { displayWindow, type ValueWindow } from "./display-window.ts";

/** What a whole raster looked like, in recorded values. */
export interface Survey {
  /** Over finite values; all 0 where there is none. */
  readonly range: { readonly min: number; readonly max: number; readonly mean: number };
  /** Default display window: percentiles 0.35 and 99.65. */
  readonly window: ValueWindow;
  readonly finiteCount: number;
  readonly nonFiniteCount: number;
  readonly fitsFloat32: boolean;
  /** 256 counts as `addToHistogram` makes them, where every value was counted; wider types need a second reading. */
  readonly histogram?: readonly number[];
}

/** Values kept for the percentiles of types too wide to be counted one by one. */
const sampleLimit = 1 << 20;

/**
 * Reads a raster once, strip by strip, and answers its exact range and mean and its display window.
 *
 * 8 and 16-bit integers are counted value by value, so their percentiles are exact. Wider types keep a regular sample
 * of at most 2^20 values (all of them in smaller images). Sums run in doubles per strip with Neumaier's correction
 * across strips: the mean of 2^28 values is right to its last digits. NaN and infinities are counted and left out.
 */
export function createSurvey(sampleType: SampleType, sampleCount: number) {
  const lowest = { uint8: 0, int8: -128, uint16: 0, int16: -32768 }[sampleType as string];
  const counts = lowest === undefined ? undefined : new Float64Array(sampleType.endsWith("8") ? 256 : 65536);
  const pairs = counts?.length === 256 ? new Uint32Array(65536) : undefined;
  const stride = Math.max(1, Math.ceil(sampleCount / sampleLimit));
  const kept = counts ? undefined : createSamples(sampleType, Math.ceil(sampleCount / stride) + 1);
  let keptCount = 0;
  let untilKept = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let correction = 0;
  let finiteCount = 0;
  let nonFiniteCount = 0;
  let fitsFloat32 = true;

  const addWide = (data: SampleArray) => {
    const fround = sampleType === "float64" ? Math.fround : (v: number) => v;
    let strip = 0;
    for (let i = 0; i < data.length; i++) {
      const v = data[i]!;
      if (v - v !== 0) {
        nonFiniteCount++;
        continue;
      }
      finiteCount++;
      strip += v;
      if (v < min) min = v;
      if (v > max) max = v;
      if (fround(v) !== v) fitsFloat32 = false;
      if (untilKept === 0) {
        kept![keptCount++] = v;
        untilKept = stride;
      }
      untilKept--;
    }
    const next = sum + strip;
    correction += Math.abs(sum) >= Math.abs(strip) ? sum - next + strip : strip - next + sum;
    sum = next;
  };

  return {
    add(data: SampleArray): void {
      if (!counts) {
        addWide(data);
        return;
      }
      if (pairs) countPairs(data, counts, pairs, lowest!);
      else countEach(data, counts, lowest!);
    },

    finish(): Survey {
      if (counts) {
        const base = lowest!;
        for (let i = 0; i < counts.length; i++) {
          const n = counts[i]!;
          if (n === 0) continue;
          const v = i + base;
          if (finiteCount === 0) min = v;
          max = v;
          sum += v * n; // exact below 2^53
          finiteCount += n;
        }
      }
      if (finiteCount === 0) {
        const none = { min: 0, max: 0, mean: 0 };
        return { range: none, window: displayWindow([], [], none), finiteCount, nonFiniteCount, fitsFloat32 };
      }
      const range = { min, max, mean: (sum + correction) / finiteCount };
      const common = { range, finiteCount, nonFiniteCount, fitsFloat32 };
      if (!counts)
        return { ...common, window: displayWindow(kept!.subarray(0, keptCount).sort(), undefined, range) };
      const values = Float64Array.from(counts, (_, i) => i + lowest!);
      const histogram = new Float64Array(histogramBins);
      counts.forEach((n, i) => {
        if (n > 0) histogram[histogramBin(i + lowest!, min, max)]! += n;
      });
      return { ...common, window: displayWindow(values, counts, range), histogram: Array.from(histogram) };
    },
  };
}

function countEach(data: SampleArray, counts: Float64Array, lowest: number): void {
  for (let i = 0; i < data.length; i++) counts[data[i]! - lowest]!++;
}

/** Bytes two at a time: half the increments, and runs of one value do not wait for each other. `pairs` is scratch. */
function countPairs(data: SampleArray, counts: Float64Array, pairs: Uint32Array, lowest: number): void {
  if (data.byteOffset & 1 || data.length < pairs.length * 4) {
    countEach(data, counts, lowest);
    return;
  }
  const words = new Uint16Array(data.buffer, data.byteOffset, data.length >> 1);
  for (let i = 0; i < words.length; i++) pairs[words[i]!]!++;
  // Signed bytes count from −128: as unsigned ones, they stand half a turn further.
  const turn = lowest & 255;
  for (let pair = 0; pair < pairs.length; pair++) {
    const n = pairs[pair]!;
    if (n === 0) continue;
    counts[((pair & 255) + turn) & 255]! += n;
    counts[((pair >> 8) + turn) & 255]! += n;
  }
  pairs.fill(0);
  if (data.length & 1) counts[data[data.length - 1]! - lowest]!++;
}

export const histogramBins = 256;

/**
 * Add to 256 counts between `min` and `max`, both inclusive: bin i covers [min + i·w, min + (i+1)·w) with
 * w = (max − min) / 256, the last one also `max`. A constant raster is all in bin 0. Values that are not finite are
 * not counted.
 */
export function addToHistogram(histogram: Float64Array, data: SampleArray, min: number, max: number): void {
  for (let i = 0; i < data.length; i++) {
    const v = data[i]!;
    if (v - v === 0) histogram[histogramBin(v, min, max)]!++;
  }
}

function histogramBin(value: number, min: number, max: number): number {
  if (max <= min) return 0;
  const scaled = (histogramBins * (value - min)) / (max - min);
  // Doubles near the end of their range: divided first, at the cost of the last bit.
  const bin = Math.floor(
    Number.isFinite(scaled) ? scaled : ((value / 2 - min / 2) / (max / 2 - min / 2)) * histogramBins,
  );
  return bin >= histogramBins ? histogramBins - 1 : bin;
}
