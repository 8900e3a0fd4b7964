import { fitLeastSquares } from "#core/statistics/least-squares.ts";
import { normalCdf } from "#core/statistics/special-functions.ts";

/** One blurred edge a + (b-a)·Φ((x-x₀)/σ); positions in samples. */
export interface EdgeFit {
  readonly position: number;
  readonly uPosition: number;
  readonly sigma: number;
  readonly uSigma: number;
  readonly before: number;
  readonly after: number;
  readonly rss: number;
}

export interface EdgeStart {
  readonly position: number;
  readonly before: number;
  readonly after: number;
}

/** Least-squares edge from a start; σ between 0.25 and 12 samples, levels within the range of the values around the start's. */
export function fitEdge(values: Float64Array, start: EdgeStart): EdgeFit {
  const n = values.length;
  const span =
    values.reduce((m, v) => Math.max(m, v), -Infinity) - values.reduce((m, v) => Math.min(m, v), Infinity);
  const { parameters, covariance, rss } = fitLeastSquares(
    (theta, residual, jacobian) => {
      const [a, b, x, s] = theta as unknown as [number, number, number, number];
      for (let k = 0; k < n; k++) {
        const u = (k - x) / s;
        const f = normalCdf(u);
        residual[k] = a + (b - a) * f - values[k]!;
        const d = ((b - a) * Math.exp(-0.5 * u * u)) / (s * Math.sqrt(2 * Math.PI));
        const row = k * 4;
        jacobian[row] = 1 - f;
        jacobian[row + 1] = f;
        jacobian[row + 2] = -d;
        jacobian[row + 3] = -d * u;
      }
    },
    n,
    [start.before, start.after, start.position, 2],
    [start.before - span, start.after - span, 0, 0.25],
    [start.before + span, start.after + span, n - 1, 12],
  );
  const [before, after, position, sigma] = parameters as unknown as [number, number, number, number];
  return {
    position,
    uPosition: Math.sqrt(covariance[2 * 4 + 2]!),
    sigma,
    uSigma: Math.sqrt(covariance[3 * 4 + 3]!),
    before,
    after,
    rss,
  };
}
