/** Where a pixel size comes from. A person's calibration names the person; a file's names the tag. */
export type CalibrationSource =
  | { readonly kind: "file"; readonly tag: string }
  | {
      readonly kind: "person";
      readonly principalId: string;
      readonly method: "scale-bar" | "feature" | "lattice" | "typed";
      readonly note: string;
    }
  | { readonly kind: "synthetic" };

/**
 * Pixel size of one micrograph, at level 0. `uncalibrated` is a value, not an absence: it is shown as a warning and
 * every number stays in px. `not-to-scale` is for schematics and plots.
 *
 * p_nm = R(rotationDeg) · diag(x, y) · p_px. `relativeStandardUncertainty` is per axis (k = 1).
 * For diffraction `unit` is "1/nm" and the sizes are reciprocal nanometres per pixel.
 */
export type Calibration =
  | {
      readonly state: "calibrated";
      readonly unit: "nm" | "1/nm";
      readonly pixelSize: { readonly x: number; readonly y: number };
      readonly rotationDeg: number;
      readonly relativeStandardUncertainty: { readonly x: number; readonly y: number };
      readonly source: CalibrationSource;
      /** False where nobody has checked the microscope's own magnification: the default 3 % is then flagged. */
      readonly certified: boolean;
    }
  | { readonly state: "uncalibrated"; readonly reason: string }
  | { readonly state: "not-to-scale" };

/** Vendors' magnification is typically right to 2-5 %: assumed, and flagged, where a file says nothing. */
export const vendorRelativeStandardUncertainty = 0.03;

/** The calibration a file's own tags give: uncertified, with the vendor's customary uncertainty. */
export function calibrationFromFile(x: number, y: number, unit: "nm" | "1/nm", tag: string): Calibration {
  return {
    state: "calibrated",
    unit,
    pixelSize: { x, y },
    rotationDeg: 0,
    relativeStandardUncertainty: {
      x: vendorRelativeStandardUncertainty,
      y: vendorRelativeStandardUncertainty,
    },
    source: { kind: "file", tag },
    certified: false,
  };
}
