import { MeasurementError } from "./measurement-error.ts";

/** Elementary charge, C (exact, SI 2019). */
const elementaryChargeC = 1.602176634e-19;
const a2PerNm2 = 100;

/**
 * Electron fluence of a scanned area, D = I·t/(e·A) with t = dwell × pixels × frames, in e⁻/Å² (the field also says dose).
 *
 * @returns null when the current is not known: it is never assumed
 * @throws MeasurementError `bad-area` for an area that is not positive
 */
export function scannedFluence(scan: {
  readonly currentNa: number | null;
  readonly dwellUs: number;
  readonly pixels: number;
  readonly frames: number;
  readonly areaNm2: number;
}): number | null {
  if (!(scan.areaNm2 > 0)) {
    throw new MeasurementError(
      "bad-area",
      `Expected a scanned area above 0, got ${scan.areaNm2} nm². Mark the area that was scanned.`,
    );
  }
  if (scan.currentNa === null) return null;
  const electrons =
    (scan.currentNa * 1e-9 * scan.dwellUs * 1e-6 * scan.pixels * scan.frames) / elementaryChargeC;
  return electrons / (scan.areaNm2 * a2PerNm2);
}
