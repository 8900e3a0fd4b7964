import type { Calibration } from "#core/micrograph/calibration.ts";

export interface ScaleBarLength {
  readonly widthPx: number;
  readonly label: string;
}

const realPrefixes = [
  { factor: 1e-3, unit: "pm" },
  { factor: 1, unit: "nm" },
  { factor: 1e3, unit: "µm" },
  { factor: 1e6, unit: "mm" },
] as const;

/**
 * The longest 1-2-5 length of which the bar is at most `mostPx` wide on the screen.
 *
 * @param scale screen px per image px
 * @returns null for a picture that is not to scale
 */
export function scaleBarLength(
  calibration: Calibration,
  scale: number,
  mostPx: number,
): ScaleBarLength | null {
  if (calibration.state === "not-to-scale") return null;
  const perImagePx = calibration.state === "calibrated" ? calibration.pixelSize.x : 1;
  const length = roundDown((mostPx / scale) * perImagePx);
  const widthPx = (length / perImagePx) * scale;
  if (calibration.state === "uncalibrated") return { widthPx, label: `${plain(length)} px` };
  if (calibration.unit === "1/nm") {
    return { widthPx, label: `g = ${plain(length)} 1/nm   d = ${plain(1 / length)} nm` };
  }
  const prefix =
    [...realPrefixes].reverse().find(({ factor }) => length >= factor * (1 - 1e-9)) ?? realPrefixes[0];
  return { widthPx, label: `${plain(length / prefix.factor)} ${prefix.unit}` };
}

function roundDown(length: number): number {
  const decade = 10 ** Math.floor(Math.log10(length) + 1e-9);
  const step = [5, 2, 1].find((s) => s * decade <= length * (1 + 1e-9)) ?? 1;
  return step * decade;
}

function plain(value: number): string {
  return String(Number(value.toPrecision(3)));
}
