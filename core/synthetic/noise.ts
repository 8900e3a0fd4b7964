import { createNormal, type Random } from "#core/random/generator.ts";

/** Gaussian kernel out to 4 σ, normalised to 1. */
function gaussianKernel(sigma: number): Float64Array {
  const radius = Math.max(1, Math.ceil(4 * sigma));
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - radius) / sigma) ** 2),
  );
  const sum = kernel.reduce((a, b) => a + b, 0);
  return kernel.map((k) => k / sum);
}

/** A profile of `length` samples: white noise smoothed to correlation length σ = `correlation` samples, SD = `amplitude`. */
export function smoothProfile(
  random: Random,
  length: number,
  correlation: number,
  amplitude: number,
): Float64Array {
  const normal = createNormal(random);
  const kernel = gaussianKernel(correlation);
  const radius = (kernel.length - 1) / 2;
  const white = Float64Array.from({ length: length + 2 * radius }, () => normal());
  const smooth = new Float64Array(length);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < length; i++) {
    let value = 0;
    for (let k = 0; k < kernel.length; k++) value += kernel[k]! * white[i + k]!;
    smooth[i] = value;
    sum += value;
    squares += value * value;
  }
  const sd = Math.sqrt(squares / length - (sum / length) ** 2);
  return smooth.map((v) => (amplitude * v) / sd);
}

/** Separable Gaussian blur of a row-major grid, in place; the border repeats its last pixel. */
export function blur(grid: Float32Array, width: number, height: number, sigma: number): void {
  const kernel = gaussianKernel(sigma);
  const radius = (kernel.length - 1) / 2;
  const line = new Float64Array(Math.max(width, height) + 2 * radius);
  const pass = (count: number, length: number, stride: number, step: number) => {
    for (let l = 0; l < count; l++) {
      const base = l * stride;
      for (let i = 0; i < length + 2 * radius; i++) {
        line[i] = grid[base + Math.min(length - 1, Math.max(0, i - radius)) * step]!;
      }
      for (let i = 0; i < length; i++) {
        let value = 0;
        for (let k = 0; k < kernel.length; k++) value += kernel[k]! * line[i + k]!;
        grid[base + i * step] = value;
      }
    }
  };
  pass(height, width, width, 1);
  pass(width, height, 1, width);
}

/** Noise of zero mean and unit variance with wavelengths between `shortest` and `longest` px. */
export function bandNoise(
  random: Random,
  width: number,
  height: number,
  shortest: number,
  longest: number,
): Float32Array {
  const normal = createNormal(random);
  const fine = Float32Array.from({ length: width * height }, () => normal());
  blur(fine, width, height, shortest / 2.5);
  const coarse = fine.slice();
  blur(coarse, width, height, longest / 2.5);
  let squares = 0;
  for (let i = 0; i < fine.length; i++) {
    fine[i]! -= coarse[i]!;
    squares += fine[i]! ** 2;
  }
  const scale = 1 / Math.sqrt(squares / fine.length);
  for (let i = 0; i < fine.length; i++) fine[i]! *= scale;
  return fine;
}

/**
 * Grains: a Voronoi tessellation with cells of about `cellPx`, each cell holding one value drawn by `value`.
 * Nearest seeds are looked up in buckets of 1.5 cells, 3 × 3 around the pixel (right but for rare empty neighbourhoods,
 * where the nearest of what was found is taken).
 */
export function voronoiGrains(
  random: Random,
  width: number,
  height: number,
  cellPx: number,
  value: Random,
): Float32Array {
  const size = 1.5 * cellPx;
  const columns = Math.ceil(width / size) + 2;
  const rows = Math.ceil(height / size) + 2;
  const buckets: number[][] = Array.from({ length: columns * rows }, () => []);
  const count = Math.max(4, Math.round((columns * rows * size * size) / cellPx ** 2));
  const xs = new Float64Array(count);
  const ys = new Float64Array(count);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    xs[i] = random() * columns * size - size;
    ys[i] = random() * rows * size - size;
    values[i] = value();
    buckets[Math.floor(ys[i]! / size + 1) * columns + Math.floor(xs[i]! / size + 1)]!.push(i);
  }
  const grains = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y + 0.5) / size) + 1;
    for (let x = 0; x < width; x++) {
      const column = Math.floor((x + 0.5) / size) + 1;
      let best = Number.POSITIVE_INFINITY;
      let nearest = 0;
      for (let r = row - 1; r <= row + 1; r++) {
        for (let c = column - 1; c <= column + 1; c++) {
          for (const i of buckets[r * columns + c] ?? []) {
            const d = (xs[i]! - x) ** 2 + (ys[i]! - y) ** 2;
            if (d < best) {
              best = d;
              nearest = i;
            }
          }
        }
      }
      grains[y * width + x] = values[nearest]!;
    }
  }
  return grains;
}

/** Gamma deviates of unit scale. Source: Marsaglia & Tsang, ACM Trans. Math. Softw. 26 (2000) 363. */
export function createGamma(random: Random, shape: number): Random {
  const normal = createNormal(random);
  const boosted = shape < 1 ? shape + 1 : shape;
  const d = boosted - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  return () => {
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v <= 0) continue;
      if (Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
        return shape < 1 ? d * v * (1 - random()) ** (1 / shape) : d * v;
      }
    }
  };
}

/** Beta deviates from two gammas. */
export function createBeta(random: Random, a: number, b: number): Random {
  const x = createGamma(random, a);
  const y = createGamma(random, b);
  return () => {
    const u = x();
    return u / (u + y());
  };
}

/** Poisson deviate: multiplication below a mean of 30, rounded normal above (skewness then under 0.19). */
export function createPoisson(random: Random): (mean: number) => number {
  const normal = createNormal(random);
  return (mean) => {
    if (mean >= 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    const limit = Math.exp(-Math.max(0, mean));
    let count = 0;
    for (let product = random(); product > limit; product *= random()) count++;
    return count;
  };
}
