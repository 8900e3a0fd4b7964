import type { ConditionQuantity } from "#core/micrograph/condition-log.ts";

/** What a column of a log is, told by its heading and, where there is one, the cell of units below it. */
export type LogColumn =
  | { readonly kind: "elapsed"; readonly heading: string; readonly secondsPerUnit: number }
  /** Written as h:min:s or as a date: the cells say. */
  | { readonly kind: "clock"; readonly heading: string; readonly runsFromZero: boolean }
  | {
      readonly kind: "quantity";
      readonly heading: string;
      readonly label: string;
      readonly quantity: ConditionQuantity;
      readonly unit: string;
    }
  | { readonly kind: "time-without-unit"; readonly heading: string }
  | { readonly kind: "other"; readonly heading: string };

const secondsPerUnit: ReadonlyMap<string, number> = new Map(
  Object.entries({
    s: 1,
    sec: 1,
    secs: 1,
    second: 1,
    seconds: 1,
    ms: 1e-3,
    min: 60,
    mins: 60,
    minutes: 60,
    h: 3600,
    hr: 3600,
    hrs: 3600,
    hour: 3600,
    hours: 3600,
  }),
);

/** Uniform spelling of the units that are read, and the quantity each belongs to. */
const quantityUnits: readonly (readonly [RegExp, string, ConditionQuantity])[] = [
  [/^V$|^volts?$/i, "V", "potential"],
  [/^mV$/, "mV", "potential"],
  [/^kV$/, "kV", "potential"],
  [/^A$|^amps?$/i, "A", "current"],
  [/^mA$/, "mA", "current"],
  [/^[uµμ]A$/, "µA", "current"],
  [/^nA$/, "nA", "current"],
  [/^pA$/, "pA", "current"],
  [/^(?:°|º|deg\.? ?)?C$|^celsius$|^℃$/i, "°C", "temperature"],
  [/^K$|^kelvin$/i, "K", "temperature"],
];

const timeName =
  /^(?:total |test |elapsed |relative |abs(?:olute)? |rel |system |exp(?:eriment)? )?(?:time|zeit|temps|timestamp|date ?time|date|datum|clock|elapsed|t)(?: elapsed)?$/i;
/** Time within a step of a programme begins anew with each step: no time of the log. */
const stepTime = /step|cycle/i;
const clockForm = /h+ *: *m+|hms|clock|timestamp|date|datum/i;
const fromZero = /h+ *: *m|elapsed|test|total|relative/i;

/** Longer cells are text, and no heading. */
const longestHeading = 120;

/** @param unitCell the cell below the heading, where that row holds units and not numbers */
export function columnOf(heading: string, unitCell = ""): LogColumn {
  if (heading.length > longestHeading) return { kind: "other", heading: heading.slice(0, longestHeading) };
  const { name, unit } = nameAndUnit(heading, unitCell);
  const words = name.replaceAll(/[_.]+/g, " ").trim();
  const perUnit = secondsPerUnit.get(unit.toLowerCase());
  const aboutTime = timeName.test(words) && (words !== "T" || perUnit !== undefined);
  if (!stepTime.test(words) && (aboutTime || /time/i.test(words))) {
    if (perUnit !== undefined) return { kind: "elapsed", heading, secondsPerUnit: perUnit };
    if (clockForm.test(`${words} ${unit}`))
      return { kind: "clock", heading, runsFromZero: fromZero.test(`${words} ${unit}`) };
    if (unit === "" && aboutTime) return { kind: "time-without-unit", heading };
  }
  const known = quantityUnits.find(([form]) => form.test(unit));
  if (!known || name === "") return { kind: "other", heading };
  return { kind: "quantity", heading, label: name, unit: known[1], quantity: known[2] };
}

/** "Ewe/V", "T (°C)", "I [mA]", "time, s", "temperature_C", "Voltage(V)"; "V vs. Ref." is volts. */
function nameAndUnit(heading: string, unitCell: string): { readonly name: string; readonly unit: string } {
  const text = heading.trim();
  const bare = (unit: string) =>
    unit
      .trim()
      .replace(/ +vs\.? .*$/i, "")
      .replaceAll(/^[([]|[)\]]$/g, "")
      .trim();
  if (unitCell.trim() !== "") return { name: text, unit: bare(unitCell) };
  const forms = [
    /^(.+?)\s*[([]\s*([^()[\]]+?)\s*[)\]]$/,
    /^([^/]+?)\s*\/\s*(.+)$/,
    /^(.+?)\s*,\s*(\S+)$/,
    /^(.+?)[_ ]+(\S+)$/,
  ];
  for (const form of forms) {
    const [, name, unit] = form.exec(text) ?? [];
    if (name === undefined || unit === undefined) continue;
    // A last word is a unit only where it is one that is known.
    if (form === forms[3] && !isUnit(bare(unit))) continue;
    return { name: name.trim(), unit: bare(unit) };
  }
  return { name: text, unit: "" };
}

/** Whether a word is a unit that is read here. */
export function isUnit(word: string): boolean {
  if (word.length > longestHeading) return false;
  const unit = word.trim().replace(/ +vs\.? .*$/i, "");
  return secondsPerUnit.has(unit.toLowerCase()) || quantityUnits.some(([form]) => form.test(unit));
}
