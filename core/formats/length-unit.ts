import { type Calibration, calibrationFromFile } from "#core/micrograph/calibration.ts";

/** What one of a vendor's units is in ours. */
interface LengthUnit {
  readonly unit: "nm" | "1/nm";
  readonly factor: number;
}

const nmPer: Readonly<Record<string, number>> = {
  pm: 1e-3,
  å: 0.1,
  a: 0.1,
  ang: 0.1,
  angstrom: 0.1,
  ångström: 0.1,
  nm: 1,
  nanometer: 1,
  nanometre: 1,
  µm: 1e3,
  um: 1e3,
  micron: 1e3,
  microns: 1e3,
  micrometer: 1e3,
  micrometre: 1e3,
  mm: 1e6,
  cm: 1e7,
  m: 1e9,
  meter: 1e9,
  metre: 1e9,
};

/**
 * A unit as vendors write it → nanometres or reciprocal nanometres; undefined where it is neither (eV, s, mrad, px …).
 * Understands `nm`, `µm` in both Unicode spellings, `Å`, NCEM's `[n_m]`, `1/nm`, `nm^-1`, `nm⁻¹`.
 */
export function lengthUnit(text: string): LengthUnit | undefined {
  const plain = text
    .trim()
    .replace(/^\[(.*)\]$/, "$1")
    .replaceAll("_", "")
    .replaceAll(/\\u00b5/gi, "µ")
    .replaceAll("μ", "µ")
    .replaceAll("\u212b", "å")
    .replaceAll(" ", "")
    .toLowerCase();
  const reciprocal = /^1\/(.+)$/.exec(plain) ?? /^(.+?)(?:\^-1|⁻¹|-1)$/.exec(plain);
  const nm = nmPer[reciprocal?.[1] ?? plain];
  if (nm === undefined) return undefined;
  return reciprocal ? { unit: "1/nm", factor: 1 / nm } : { unit: "nm", factor: nm };
}

export interface AxisScale {
  readonly scale: number;
  readonly unit: string;
}

/**
 * Calibration from one scale and unit an axis, which may differ ("1 nm" × "2 Å"). What is not a positive length in one
 * space is uncalibrated, with the reason: never a guessed 1 nm/px.
 */
export function calibrationFromAxes(x: AxisScale, y: AxisScale, tag: string): Calibration {
  const none = (reason: string): Calibration => ({ state: "uncalibrated", reason });
  if (x.unit.trim() === "" && y.unit.trim() === "") return none(`${tag} names no unit`);
  const [ux, uy] = [lengthUnit(x.unit), lengthUnit(y.unit)];
  if (!ux || !uy) return none(`${tag} is in "${x.unit}" × "${y.unit}", which is not a length`);
  if (ux.unit !== uy.unit) return none(`${tag} mixes real and reciprocal space ("${x.unit}" × "${y.unit}")`);
  return calibrationFromSizes(x.scale * ux.factor, y.scale * uy.factor, ux.unit, tag);
}

/** As `calibrationFromFile`, but sizes that no pixel can have are uncalibrated. */
export function calibrationFromSizes(x: number, y: number, unit: "nm" | "1/nm", tag: string): Calibration {
  if (!(x > 0 && y > 0 && Number.isFinite(x) && Number.isFinite(y)))
    return { state: "uncalibrated", reason: `${tag} gives ${x} × ${y} ${unit}, which no pixel can be` };
  return calibrationFromFile(x, y, unit, tag);
}
