/** Fills `residual` (model - data) and `jacobian` (row-major, n × p) for the parameters. */
export type Residuals = (parameters: Float64Array, residual: Float64Array, jacobian: Float64Array) => void;

export interface LeastSquaresFit {
  readonly parameters: Float64Array;
  /** Sum of squared residuals. */
  readonly rss: number;
  /** Residual variance rss/(n-p). */
  readonly variance: number;
  /** p × p, row-major, scaled by the residual variance; entries are Infinity where the data do not fix a parameter. */
  readonly covariance: Float64Array;
}

/**
 * Bounded non-linear least squares: Levenberg-Marquardt with Marquardt's scaling, steps projected onto the bounds.
 *
 * @param n number of residuals, more than there are parameters
 * Source: Marquardt, J. SIAM 11 (1963) 431; Kanzow et al., J. Comput. Appl. Math. 172 (2004) 375 for the projection.
 */
export function fitLeastSquares(
  residuals: Residuals,
  n: number,
  start: readonly number[],
  lower: readonly number[],
  upper: readonly number[],
): LeastSquaresFit {
  const p = start.length;
  const clamp = (v: number, i: number) => Math.min(upper[i]!, Math.max(lower[i]!, v));
  let theta = Float64Array.from(start, clamp);
  let residual = new Float64Array(n);
  const jacobian = new Float64Array(n * p);
  const trialJacobian = new Float64Array(n * p);
  let trialResidual = new Float64Array(n);
  residuals(theta, residual, jacobian);
  let rss = sumOfSquares(residual);
  let damping = 1e-3;
  for (let iteration = 0; iteration < 200; iteration++) {
    const { normal, gradient } = normalEquations(jacobian, residual, n, p);
    let improved = false;
    for (let attempt = 0; attempt < 12 && !improved; attempt++) {
      const damped = normal.slice();
      for (let i = 0; i < p; i++) damped[i * p + i]! += damping * (normal[i * p + i]! + 1e-12);
      const step = solve(damped, gradient, p);
      if (!step) {
        damping *= 10;
        continue;
      }
      const trial = theta.map((v, i) => clamp(v - step[i]!, i));
      residuals(trial, trialResidual, trialJacobian);
      const trialRss = sumOfSquares(trialResidual);
      if (trialRss <= rss) {
        const gain = rss - trialRss;
        [theta, rss] = [trial, trialRss];
        [residual, trialResidual] = [trialResidual, residual];
        jacobian.set(trialJacobian);
        damping = Math.max(1e-9, damping / 5);
        improved = true;
        if (gain <= 1e-12 * rss) return finish();
      } else damping *= 5;
    }
    if (!improved) break;
  }
  return finish();

  function finish(): LeastSquaresFit {
    const variance = rss / Math.max(1, n - p);
    const { normal } = normalEquations(jacobian, residual, n, p);
    const covariance = new Float64Array(p * p).fill(Number.POSITIVE_INFINITY);
    for (let column = 0; column < p; column++) {
      const unit = new Float64Array(p);
      unit[column] = 1;
      const solved = solve(normal.slice(), unit, p);
      if (!solved) break;
      for (let row = 0; row < p; row++) covariance[row * p + column] = solved[row]! * variance;
    }
    return { parameters: theta, rss, variance, covariance };
  }
}

function normalEquations(jacobian: Float64Array, residual: Float64Array, n: number, p: number) {
  const normal = new Float64Array(p * p);
  const gradient = new Float64Array(p);
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < p; i++) {
      const ji = jacobian[k * p + i]!;
      if (ji === 0) continue;
      gradient[i]! += ji * residual[k]!;
      for (let j = 0; j <= i; j++) normal[i * p + j]! += ji * jacobian[k * p + j]!;
    }
  }
  for (let i = 0; i < p; i++) for (let j = i + 1; j < p; j++) normal[i * p + j] = normal[j * p + i]!;
  return { normal, gradient };
}

/** Gaussian elimination with partial pivoting; destroys the matrix; null when it is singular. */
function solve(a: Float64Array, right: Float64Array, p: number): Float64Array | null {
  const x = right.slice();
  for (let column = 0; column < p; column++) {
    let pivot = column;
    for (let row = column + 1; row < p; row++) {
      if (Math.abs(a[row * p + column]!) > Math.abs(a[pivot * p + column]!)) pivot = row;
    }
    const top = a[pivot * p + column]!;
    if (!(Math.abs(top) > 1e-300) || !Number.isFinite(top)) return null;
    if (pivot !== column) {
      for (let j = 0; j < p; j++) {
        [a[column * p + j], a[pivot * p + j]] = [a[pivot * p + j]!, a[column * p + j]!];
      }
      [x[column], x[pivot]] = [x[pivot]!, x[column]!];
    }
    for (let row = column + 1; row < p; row++) {
      const factor = a[row * p + column]! / top;
      for (let j = column; j < p; j++) a[row * p + j]! -= factor * a[column * p + j]!;
      x[row]! -= factor * x[column]!;
    }
  }
  for (let row = p - 1; row >= 0; row--) {
    for (let j = row + 1; j < p; j++) x[row]! -= a[row * p + j]! * x[j]!;
    x[row]! /= a[row * p + row]!;
  }
  return x;
}

function sumOfSquares(values: Float64Array): number {
  let sum = 0;
  for (const v of values) sum += v * v;
  return sum;
}
