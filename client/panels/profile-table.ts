import { placeOnStrip } from "#core/measurement/strip-profile.ts";
import type { ReadProfile } from "./strip-values.ts";

/** A profile for a spreadsheet, full precision: where, how far, how bright, how sure. */
export function profileTable({ strip, mean, standardError }: ReadProfile): string {
  const unit = { nm: "nm", px: "px", "1/nm": "per_nm" }[strip.unit];
  const rows = [`distance_${unit},x_px,y_px,intensity_mean,intensity_se,lines`];
  for (let k = 0; k < strip.samples; k++) {
    const { x, y } = placeOnStrip(strip, k);
    rows.push(
      [k * strip.step, x, y, mean[k]!, standardError[k]!, strip.lines]
        .map((value) => (Number.isFinite(value) ? String(Number(value.toPrecision(12))) : ""))
        .join(","),
    );
  }
  return `${rows.join("\r\n")}\r\n`;
}
