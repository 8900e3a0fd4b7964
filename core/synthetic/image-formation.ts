import { createNormal, createRandom } from "#core/random/generator.ts";
import { SquareFourier } from "#core/statistics/fourier.ts";
import { createPoisson } from "./noise.ts";
import type { Projection } from "./specimen.ts";
import type { Frame } from "./wire.ts";

export interface ImagingConditions {
  readonly defocusNm: number;
  /** Electrons a nm² at the specimen. */
  readonly fluenceElectronsPerNm2: number;
  /** Shift of the whole picture, image px. */
  readonly driftPx: { readonly x: number; readonly y: number };
}

const wavelengthNm = 0.00197; // 300 kV, relativistic
const resolutionNm = 0.3; // coherent envelope: a coarser one would move the edges themselves
const convergenceRad = 1.2e-4;
const incoherentBlurNm = 0.31;

/**
 * From projection to counts: exit wave, defocus with its envelopes, intensity, illumination, drift and incoherent blur,
 * Poisson noise, the detector's modulation transfer, read-out noise, and 16-bit counts (offset 400, 7.5 counts/e).
 *
 * @returns row-major counts of the shown part of the frame (widthPx × heightPx)
 */
export function formImage(
  projection: Projection,
  frame: Frame,
  conditions: ImagingConditions,
  seed: number,
): Uint16Array {
  const n = frame.gridPx;
  const fourier = new SquareFourier(n);
  const re = new Float64Array(n * n);
  const im = new Float64Array(n * n);
  for (let i = 0; i < re.length; i++) {
    const amplitude = Math.exp(-projection.attenuation[i]! / 2);
    re[i] = amplitude * Math.cos(projection.phase[i]!);
    im[i] = amplitude * Math.sin(projection.phase[i]!);
  }

  fourier.forward(re, im);
  const spread = Math.PI * convergenceRad * Math.abs(conditions.defocusNm);
  forEachFrequency(fourier, (i, fx, fy) => {
    const k2 = (fx * fx + fy * fy) / frame.nmPerPx ** 2;
    const envelope = Math.exp(-k2 * resolutionNm ** 2 - k2 * spread ** 2);
    const chi = -Math.PI * wavelengthNm * conditions.defocusNm * k2;
    multiply(re, im, i, envelope * Math.cos(chi), envelope * Math.sin(chi));
  });
  fourier.inverse(re, im);

  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      const i = row * n + column;
      const illumination = 1.03 - 0.1 * ((column / n - 0.42) ** 2 + (row / n - 0.55) ** 2);
      re[i] = (re[i]! ** 2 + im[i]! ** 2) * illumination;
    }
  }
  im.fill(0);
  fourier.forward(re, im);
  const blurPx = incoherentBlurNm / frame.nmPerPx;
  forEachFrequency(fourier, (i, fx, fy) => {
    const damping = Math.exp(-2 * (Math.PI * blurPx) ** 2 * (fx * fx + fy * fy));
    const shift = -2 * Math.PI * (fx * conditions.driftPx.x + fy * conditions.driftPx.y);
    multiply(re, im, i, damping * Math.cos(shift), damping * Math.sin(shift));
  });
  fourier.inverse(re, im);

  const random = createRandom(seed);
  const poisson = createPoisson(random);
  const electronsPerPx = conditions.fluenceElectronsPerNm2 * frame.nmPerPx ** 2;
  for (let i = 0; i < re.length; i++) re[i] = poisson(Math.max(0, re[i]!) * electronsPerPx);
  im.fill(0);
  fourier.forward(re, im);
  forEachFrequency(fourier, (i, fx, fy) => {
    const f2 = fx * fx + fy * fy;
    const transfer = 0.75 * Math.exp(-f2 / 0.42 ** 2) + 0.25 / (1 + f2 / 0.08 ** 2);
    multiply(re, im, i, transfer, 0);
  });
  fourier.inverse(re, im);

  const normal = createNormal(random);
  const counts = new Uint16Array(frame.widthPx * frame.heightPx);
  for (let y = 0; y < frame.heightPx; y++) {
    for (let x = 0; x < frame.widthPx; x++) {
      const electrons = re[(y + frame.marginYPx) * n + x + frame.marginXPx]! + 2 * normal();
      counts[y * frame.widthPx + x] = Math.min(65_535, Math.max(0, Math.round(400 + 7.5 * electrons)));
    }
  }
  return counts;
}

function forEachFrequency(
  fourier: SquareFourier,
  visit: (index: number, fx: number, fy: number) => void,
): void {
  const n = fourier.side;
  for (let row = 0; row < n; row++) {
    const fy = fourier.frequency(row);
    for (let column = 0; column < n; column++) visit(row * n + column, fourier.frequency(column), fy);
  }
}

function multiply(re: Float64Array, im: Float64Array, i: number, a: number, b: number): void {
  const r = re[i]!;
  re[i] = r * a - im[i]! * b;
  im[i] = r * b + im[i]! * a;
}
