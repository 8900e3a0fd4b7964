import type { Calibration } from "#core/micrograph/calibration.ts";

interface Extent {
  readonly width: number;
  readonly height: number;
  readonly calibration: Calibration;
}

/**
 * Where the pointer is, in the unit of the micrograph. On a diffraction pattern measured from the middle of the picture,
 * with the plane spacing d = 1/g beside it.
 */
export function placeWords(
  at: { readonly x: number; readonly y: number },
  { calibration, width, height }: Extent,
): { readonly x: string; readonly y: string; readonly d?: string } {
  if (calibration.state !== "calibrated") return { x: `${at.x.toFixed(1)} px`, y: `${at.y.toFixed(1)} px` };
  const { pixelSize, unit } = calibration;
  if (unit === "1/nm") {
    const x = (at.x - width / 2) * pixelSize.x;
    const y = (at.y - height / 2) * pixelSize.y;
    const g = Math.hypot(x, y);
    const position = { x: `${x.toFixed(2)} 1/nm`, y: `${y.toFixed(2)} 1/nm` };
    return g > 0 ? { ...position, d: `${(1 / g).toFixed(3)} nm` } : position;
  }
  return { x: nanometres(at.x * pixelSize.x, pixelSize.x), y: nanometres(at.y * pixelSize.y, pixelSize.y) };
}

/** As many decimals as the pixel size carries; micrometres where nanometres would be five digits. */
function nanometres(value: number, pixelNm: number): string {
  if (pixelNm >= 10) return `${(value / 1000).toFixed(pixelNm >= 100 ? 1 : 2)} µm`;
  const decimals = Math.min(3, Math.max(0, Math.ceil(-Math.log10(pixelNm)) + (pixelNm < 1 ? 0 : 1)));
  return `${value.toFixed(decimals)} nm`;
}

/** Digits a float32 carries; a mean over pixels carries fewer. */
const digits = { exact: 7, mean: 5 } as const;

/** "13 204", of a colour its red, green and blue; "~" where a coarser level answered for the recorded value. */
export function intensityWords(pointer: {
  readonly intensity: number | null;
  readonly exact: boolean;
  readonly colour?: readonly number[] | null;
}): string {
  if (pointer.colour) return `${pointer.exact ? "" : "~"}${pointer.colour.join(" · ")}`;
  if (pointer.intensity === null) return "–";
  const value = Number.isInteger(pointer.intensity)
    ? String(pointer.intensity).replace(/\B(?=(\d{3})+$)/g, "\u202f")
    : String(Number(pointer.intensity.toPrecision(pointer.exact ? digits.exact : digits.mean)));
  return pointer.exact ? value : `~${value}`;
}

export function zoomWords(scale: number): string {
  const percent = scale * 100;
  return `${percent >= 10 ? Math.round(percent) : Number(percent.toPrecision(2))} %`;
}
