import type { Calibration } from "#core/micrograph/calibration.ts";

/** A length with the prefix a person would choose: "430 pm", "12.3 nm", "1.25 µm", "2 mm". Three significant digits. */
export function readableLength(lengthNm: number): string {
  const { perNm, unit } = prefixFor(lengthNm);
  return `${threeDigits(lengthNm * perNm)} ${unit}`;
}

/** Changes over where three digits would round up to a thousand. */
function prefixFor(lengthNm: number): { readonly perNm: number; readonly unit: string } {
  const size = Math.abs(lengthNm);
  if (size > 0 && size < 0.9995) return { perNm: 1000, unit: "pm" };
  if (size < 999.5) return { perNm: 1, unit: "nm" };
  if (size < 999_500) return { perNm: 1e-3, unit: "µm" };
  return { perNm: 1e-6, unit: "mm" };
}

/** Three significant digits without an exponent: 1234 stays 1230. */
export function threeDigits(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : "–";
}

/** What one micrograph shows, edge to edge: "1.28 × 1.02 µm", in px where there is no scale. */
export function fieldOfView(micrograph: {
  readonly width: number;
  readonly height: number;
  readonly calibration: Calibration;
}): string {
  const { width, height, calibration } = micrograph;
  if (calibration.state !== "calibrated") return `${width} × ${height} px`;
  const x = width * calibration.pixelSize.x;
  const y = height * calibration.pixelSize.y;
  if (calibration.unit === "1/nm") return `${threeDigits(x)} × ${threeDigits(y)} 1/nm`;
  const { perNm, unit } = prefixFor(x);
  return `${threeDigits(x * perNm)} × ${threeDigits(y * perNm)} ${unit}`;
}

export function readableBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const step = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  return `${threeDigits(bytes / 1000 ** step)} ${["B", "kB", "MB", "GB"][step]}`;
}

/** "3 min ago"; the date from a week on. */
export function readableTime(iso: string, nowMs = Date.now()): string {
  const seconds = (nowMs - Date.parse(iso)) / 1000;
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  if (seconds < 604_800) return `${Math.floor(seconds / 86_400)} d ago`;
  return new Date(iso).toLocaleDateString(undefined, { dateStyle: "medium" });
}
