import type { RecordProposal } from "./record-proposals.ts";

/** A piece of a name that says something, and the very words it was read from. */
export type FoundInName = Omit<RecordProposal, "source"> & { readonly text: string };

const number = String.raw`\d+(?:[.,]\d+)?`;
/** Not in the middle of a word or number. "_" and "-" separate. */
const before = "(?<![A-Za-z0-9.,])";
const after = "(?![A-Za-z0-9°])";
const pattern = (body: string, flags = "i") => new RegExp(before + body + after, flags);

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
/** "2h" is a time; "2H" is a polytype, and "2D" what it is in the sciences. */
const elapsed = pattern(
  String.raw`(${number})[\s_-]?([Ss]ecs?|[Ss]econds?|[Mm]ins?|MIN|[Mm]inutes?|h|[Hh]rs?|[Hh]ours?|[Dd]ays?)`,
  "",
);
/** A bare "30s" may as well be an exposure: it counts where the name says that it is a time. */
const elapsedBareSeconds = pattern(String.raw`(?:t ?=|after|for)[\s_-]?(${number})[\s_-]?s`);
const temperature = pattern(String.raw`(${number})[\s_-]?(°[\s]?C|deg(?:ree)?s?[\s_-]?C|C|K)`, "");
const potential = pattern(String.raw`([+\u2212-]?)(${number})[\s_]?(mV|V)`, "");
const current = pattern(String.raw`([+\u2212-]?)(${number})[\s_]?(pA|nA|uA|µA|μA|mA)`, "");
const cycle = pattern(String.raw`(?:cycle|cyc)[\s_.#-]*(\d{1,5})`);
const nthCycle = pattern(String.raw`(\d{1,5})(?:st|nd|rd|th)[\s_-]?cycle`);
const step = pattern(String.raw`step[\s_.#-]*(\d{1,4}|[A-Za-z])`);
const object = pattern(
  String.raw`((?:nano)?wire|nw|particle|np|flake|region|roi|area|position|pos|spot|grain)[\s_.#-]*(\d{1,4}[a-z]?|[A-Z])`,
);
const specimen = pattern(
  String.raw`(specimen|sample|batch|grid|lamella|chip)[\s_.#-]*([A-Za-z]{0,3}\d{1,5}[A-Za-z]?|[A-Z])`,
);
const stateWords = pattern(
  String.raw`((?:(?:fully|partially|partly|half)[\s_-])?(?:as[\s_-](?:synthesi[sz]ed|grown|deposited|prepared|received|made)|pristine|fresh|(?:de)?(?:sodiated|lithiated|potassiated|charged|intercalated)|discharged|annealed|aged|cycled|reduced|oxidi[sz]ed)|(?:before|after)[\s_-](?:edx|eds|eels|cycling|sodiation|lithiation|anneal(?:ing)?|heating|cooling|exposure))`,
);
const order = /^(\d{1,5})(?=[\s_.-]+(?:\d+(?:[.,]\d+)?)?[\s_]?[A-Za-z])|(?<!\d)[\s_-](\d{1,5})$/;
const isoDay = pattern(String.raw`((?:19|20)\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])`);
const dottedDay = pattern(String.raw`(0?[1-9]|[12]\d|3[01])\.(0?[1-9]|1[0-2])\.((?:19|20)\d\d)`);

/**
 * What the words of a file's or folder's name say about a state, a specimen or an object. Only forms that mean one thing
 * are read: "2C" may be a temperature or a rate and gives nothing, "a-0.2V" may be a sign or a dash and gives nothing,
 * "30s" may be an exposure and gives nothing; "-0.2V" on its own, "299C", "15min", "cycle 3" are read.
 * The label is put together from what describes the state, in the order of the name.
 */
export function readStateWords(name: string): readonly FoundInName[] {
  // A date's digits are no order and no time.
  const days = readDay(name);
  const text = days.reduce((left, found) => left.replace(found.text, " ".repeat(found.text.length)), name);
  const found = [...readConditions(text), ...readCounts(text)];
  const label = found
    .filter(({ inLabel }) => inLabel !== null)
    .sort((a, b) => a.at - b.at)
    .map(({ inLabel }) => inLabel)
    .join(" ");
  const words = found.filter(({ inLabel }) => inLabel !== null).map((one) => one.text.trim());
  return [
    ...found.filter(({ field }) => field !== "label").map(({ at: _, inLabel: __, ...one }) => one),
    ...(label ? [{ field: "label" as const, value: label, text: words.join(" ") }] : []),
    ...days,
  ];
}

type Placed = FoundInName & { readonly at: number; readonly inLabel: string | null };

function readConditions(text: string): Placed[] {
  const found: Placed[] = [];
  const time = elapsed.exec(text) ?? elapsedBareSeconds.exec(text);
  if (time) {
    const unit = (time[2] ?? "s").toLowerCase();
    const amount = decimal(time[1]!);
    const word = { s: "s", m: "min", h: "h", d: "d" }[unit[0]!]!;
    found.push({
      ...{ field: "elapsedS", value: amount * secondsOf[unit[0]!]!, text: time[0], at: time.index },
      inLabel: `${amount} ${word}`,
    });
  }
  const warmth = temperature.exec(text);
  if (warmth) {
    const value = decimal(warmth[1]!);
    const isKelvin = warmth[2] === "K";
    const isMarked = warmth[2]!.length > 1;
    // "2C" may be a rate of charging; "150K" below 10 K or as a magnification is not told from one.
    if (isMarked || value >= 10) {
      const sign = isSign(text, warmth.index) ? -1 : 1;
      const unit = isKelvin ? "K" : "°C";
      found.push({
        ...{ field: "condition", quantity: "temperature", value: sign * value, unit },
        ...{ text: warmth[0], at: warmth.index, inLabel: `${sign * value} ${unit}` },
      });
    }
  }
  for (const [quantity, expression, unit] of [
    ["potential", potential, "V"],
    ["current", current, "A"],
  ] as const) {
    const read = expression.exec(text);
    if (!read || (read[1] === "-" && /[A-Za-z0-9]/.test(text[read.index - 1] ?? ""))) continue;
    if (read[1] === "" && text[read.index - 1] === "-") continue;
    const sign = read[1] === "-" || read[1] === "\u2212" ? -1 : 1;
    const prefix = read[3]!.length > 1 ? read[3]![0]! : "";
    const amount = sign * decimal(read[2]!);
    found.push({
      ...{
        field: "condition",
        quantity,
        unit,
        value: Number((amount * 10 ** exponentOf(prefix)).toPrecision(12)),
      },
      ...{ text: read[0], at: read.index, inLabel: `${amount} ${prefix}${unit}` },
    });
  }
  return found;
}

function readCounts(text: string): Placed[] {
  const found: Placed[] = [];
  const cycles = cycle.exec(text) ?? nthCycle.exec(text);
  if (cycles) {
    const value = Number(cycles[1]);
    found.push({ field: "cycle", value, text: cycles[0], at: cycles.index, inLabel: `cycle ${value}` });
  }
  const steps = step.exec(text);
  if (steps)
    found.push({
      field: "step",
      value: steps[1]!,
      text: steps[0],
      at: steps.index,
      inLabel: `step ${steps[1]}`,
    });
  const objects = object.exec(text);
  if (objects) {
    const value = `${objects[1]!.toLowerCase()} ${objects[2]}`;
    found.push({ field: "object", value, text: objects[0], at: objects.index, inLabel: null });
  }
  const specimens = specimen.exec(text);
  if (specimens) {
    const value = `${specimens[1]!.toLowerCase()} ${specimens[2]}`;
    found.push({ field: "specimen", value, text: specimens[0], at: specimens.index, inLabel: null });
  }
  const words = stateWords.exec(text);
  if (words) {
    const label = words[1]!.replace(/[_-]/g, " ").replace(/^as /i, "as-");
    found.push({ field: "label", value: label, text: words[0], at: words.index, inLabel: label });
  }
  const place = order.exec(text);
  const isOther = found.some(
    ({ at, text: used }) => place && place.index >= at && place.index < at + used.length,
  );
  if (place && !isOther)
    found.push({
      ...{ field: "order", value: Number(place[1] ?? place[2]), text: place[0].trim() },
      ...{ at: place.index, inLabel: null },
    });
  return found;
}

/** 3.2.2026 is the third of February; days written with dashes the other way round are not told apart and not read. */
function readDay(text: string): FoundInName[] {
  const iso = isoDay.exec(text);
  const dotted = iso ? null : dottedDay.exec(text);
  const [year, month, day] = iso
    ? [iso[1]!, iso[3]!, iso[4]!]
    : dotted
      ? [dotted[3]!, dotted[2]!, dotted[1]!]
      : ["", "", ""];
  const value = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const found = (iso ?? dotted)?.[0];
  if (found === undefined || new Date(`${value}T00:00:00Z`).toISOString().slice(0, 10) !== value) return [];
  return [{ field: "date", value, text: found }];
}

/** "_-40C" is below zero; "wire-40C" is a dash. */
function isSign(text: string, at: number): boolean {
  return /[-\u2212]/.test(text[at - 1] ?? "") && !/[A-Za-z0-9]/.test(text[at - 2] ?? "");
}

const decimal = (text: string) => Number(text.replace(",", "."));

function exponentOf(prefix: string): number {
  return { "": 0, m: -3, u: -6, µ: -6, μ: -6, n: -9, p: -12 }[prefix] ?? 0;
}
