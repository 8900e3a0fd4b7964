import type { StackFrames } from "#core/protocol/api/stack-log.ts";

/**
 * Frames as CSV: number from 1 as on the screen, seconds from the first frame, grey values, then a column for each
 * channel of the log with its unit. What is not known is empty.
 */
export function framesTable({ frames, log }: StackFrames): string {
  const channels = new Map<
    string,
    { readonly quantity: string; readonly label: string; readonly unit: string }
  >();
  for (const { conditions } of frames)
    for (const condition of conditions) channels.set(keyOf(condition), condition);
  const headings = [
    "frame",
    "time_s",
    "min",
    "max",
    "mean",
    ...[...channels.values()].map(({ quantity, label, unit }) => `${quantity} ${label} (${unit})`),
    "log_offset_s",
    "log_offset_basis",
  ];
  const rows = frames.map(({ frame, timeS, statistics, conditions }) => {
    const values = new Map(conditions.map((condition) => [keyOf(condition), condition.value]));
    return [
      frame + 1,
      timeS,
      statistics?.min,
      statistics?.max,
      statistics?.mean,
      ...[...channels.keys()].map((key) => values.get(key)),
      log?.offsetS,
      log?.offsetBasis,
    ];
  });
  return [headings, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

const keyOf = ({ quantity, label, unit }: { quantity: string; label: string; unit: string }) =>
  `${quantity}\n${label}\n${unit}`;

/** Headings come from files: a formula of a spreadsheet is disarmed, a comma kept together. */
function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
