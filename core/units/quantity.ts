/** What is needed to print a measured number: its value, its standard uncertainty (null = not known) and its unit. */
export interface PrintedQuantity {
  readonly value: number;
  readonly u: number | null;
  readonly unit: string;
}

/**
 * "12.34 ± 0.56 nm": the uncertainty with two significant digits, the value to the same decimal place (GUM 7.2.6).
 *
 * `u` is printed as given: say elsewhere whether it is k = 1 or expanded. Without an uncertainty (null or 0) the value
 * has four significant digits and no "±". The unit "1" (a ratio) is left out. A value that is not finite prints as "–".
 * @example formatQuantity({ value: 12.3449, u: 0.5571, unit: "nm" }) // "12.34 ± 0.56 nm"
 */
export function formatQuantity({ value, u, unit }: PrintedQuantity): string {
  const suffix = unit === "1" || unit === "" ? "" : unit === "°" ? "°" : ` ${unit}`;
  if (!Number.isFinite(value)) return "–";
  if (u === null || !Number.isFinite(u) || u <= 0) return `${plain(Number(value.toPrecision(4)))}${suffix}`;
  const rounded = Number(u.toPrecision(2));
  const decimals = 1 - Math.floor(Math.log10(rounded));
  return `${fixed(value, decimals)} ± ${fixed(rounded, decimals)}${suffix}`;
}

/** Round to `decimals` places; negative places round to tens, hundreds … */
function fixed(value: number, decimals: number): string {
  if (decimals >= 0) return withoutNegativeZero(value.toFixed(Math.min(decimals, 20)));
  const step = 10 ** -decimals;
  return withoutNegativeZero(String(Math.round(value / step) * step));
}

/** No exponent for the sizes that occur in practice. */
function plain(value: number): string {
  const size = Math.abs(value);
  return withoutNegativeZero(
    size !== 0 && (size < 1e-6 || size >= 1e15) ? value.toExponential() : String(value),
  );
}

const withoutNegativeZero = (text: string) => (/^-0(\.0*)?$/.test(text) ? text.slice(1) : text);
