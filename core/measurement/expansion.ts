import { MeasurementError } from "./measurement-error.ts";

/** A value with its standard uncertainty. */
export interface Uncertain {
  readonly value: number;
  readonly u: number;
}

/** How a wire grew from d₀ to d₁. Which volume ratio applies depends on what holds the wire; all are named. */
export interface Expansion {
  readonly ratio: Uncertain;
  /** d₁/d₀ - 1 */
  readonly linear: Uncertain;
  /** r²; also the volume ratio of a wire fixed in length. */
  readonly areaRatio: Uncertain;
  /** r³ */
  readonly volumeRatioIsotropic: Uncertain;
  /** (d₁² - c²)/(d₀² - c²): the film alone on a core that keeps its diameter; null without a core. */
  readonly filmAreaRatio: Uncertain | null;
}

/**
 * Expansion between two diameters, first-order uncertainties.
 *
 * One calibration for both states cancels in ratios; separate ones add `relativeUCalibration` to each diameter (the core
 * gets none).
 * @throws MeasurementError `bad-area` for diameters that are not positive; `core-exceeds-wire` for d₀ ≤ core
 */
export function expansionBetween(
  before: Uncertain,
  after: Uncertain,
  core: Uncertain | null,
  calibration: { readonly relativeU: number; readonly same: boolean },
): Expansion {
  const [d0, d1] = [before.value, after.value];
  if (!(d0 > 0 && d1 > 0)) {
    throw new MeasurementError(
      "bad-area",
      `Expected positive diameters, got ${d0} and ${d1}. Measure both states again.`,
    );
  }
  const extra = calibration.same ? 0 : calibration.relativeU;
  const u0 = Math.hypot(before.u, extra * d0);
  const u1 = Math.hypot(after.u, extra * d1);
  const r = d1 / d0;
  const ur = r * Math.hypot(u1 / d1, u0 / d0);
  return {
    ratio: { value: r, u: ur },
    linear: { value: r - 1, u: ur },
    areaRatio: { value: r ** 2, u: 2 * r * ur },
    volumeRatioIsotropic: { value: r ** 3, u: 3 * r ** 2 * ur },
    filmAreaRatio: core && filmAreaRatio(d0, u0, d1, u1, core),
  };
}

function filmAreaRatio(d0: number, u0: number, d1: number, u1: number, core: Uncertain): Uncertain {
  const c = core.value;
  if (!(c >= 0 && c < d0)) {
    throw new MeasurementError(
      "core-exceeds-wire",
      `Expected a core thinner than the wire, got a core of ${c} in a wire of ${d0}. Check which edges were measured.`,
      { core: c, wire: d0 },
    );
  }
  const film = d0 ** 2 - c ** 2;
  const value = (d1 ** 2 - c ** 2) / film;
  const u = Math.hypot(
    (2 * d1 * u1) / film,
    (2 * value * d0 * u0) / film,
    (2 * c * (value - 1) * core.u) / film,
  );
  return { value, u };
}
