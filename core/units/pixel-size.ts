import { UnitError } from "./unit-error.ts";

/** A pixel size as people write it, in the two units Lamella keeps. */
export interface PixelSize {
  readonly value: number;
  readonly unit: "nm" | "1/nm";
}

const nmPerUnit: Readonly<Record<string, number>> = {
  pm: 1e-3,
  å: 0.1,
  angstrom: 0.1,
  nm: 1,
  um: 1e3,
  µm: 1e3,
  μm: 1e3,
  mm: 1e6,
};

/**
 * Read a pixel size: "0.42 nm/px", "4.2 Å/px", "1.3e-3 µm / pixel", "0.021 1/nm/px", "0.0021 1/Å".
 *
 * A decimal comma is accepted ("0,42 nm/px"); the unit must be there, since a bare number has no scale.
 * @returns the size in nm (or 1/nm) per pixel
 * @throws UnitError `bad-pixel-size` when there is no positive number or no known unit
 */
export function parsePixelSize(text: string): PixelSize {
  const match =
    /^\s*([0-9]*[.,]?[0-9]+(?:e[+-]?[0-9]+)?)\s*(1\s*\/\s*)?([a-zåµμ]+)(⁻¹|\^?-1)?(?:\s*\/\s*(?:px|pixel|pixels))?\s*$/iu.exec(
      text,
    );
  const value = Number(match?.[1]?.replace(",", "."));
  const scale = match && nmPerUnit[match[3]!.toLowerCase()];
  if (!match || !scale || !(value > 0) || !Number.isFinite(value)) {
    throw new UnitError(
      "bad-pixel-size",
      `Expected a pixel size such as "0.42 nm/px" or "0.021 1/nm/px", got "${text}". Write a positive number and its unit.`,
      { text },
    );
  }
  const reciprocal = Boolean(match[2] || match[4]);
  return reciprocal ? { value: value / scale, unit: "1/nm" } : { value: value * scale, unit: "nm" };
}

/** "0.42 nm/px", "0.021 1/nm/px": four significant digits, the form `parsePixelSize` reads back. */
export function formatPixelSize(size: PixelSize): string {
  return `${Number(size.value.toPrecision(4))} ${size.unit}/px`;
}
