/** One checked field: `abs` and `rel` add up; `upper` is one-sided; `exact`; `set` without order. */
export interface Tolerance {
  readonly abs?: number;
  readonly rel?: number;
  readonly upper?: boolean;
  readonly exact?: boolean;
  readonly set?: boolean;
  readonly rms?: number;
  readonly max?: number;
  readonly reference_value?: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

// Either refusal is right where nothing stands out from the noise.
const sameRefusal: Readonly<Record<string, readonly string[]>> = {
  "no-gap": ["no-gap", "low-contrast"],
  "low-contrast": ["no-gap", "low-contrast"],
};

/** What is wrong with an answer, in words; empty when it is within tolerance. A field without a tolerance is not checked. */
export function toleranceFailures(
  answer: Fields,
  expected: Fields,
  tolerance: Readonly<Record<string, Tolerance>>,
): string[] {
  if (typeof expected.error === "string") {
    const accepted = sameRefusal[expected.error] ?? [expected.error];
    return accepted.includes(answer.error as string)
      ? []
      : [`expected refusal ${expected.error}, got ${JSON.stringify(answer)}`];
  }
  if (answer.error) return [`refused: ${answer.error}`];
  return Object.entries(tolerance).flatMap(([field, t]) => {
    if (t.reference_value) return [];
    const [got, want] = [answer[field], expected[field]];
    const failure = (reason: string) => [`${field}: ${reason}: expected ${show(want)}, got ${show(got)}`];
    if (want === null) return got === null || Number.isNaN(got) ? [] : failure("undefined");
    if (t.rms !== undefined) return curveFailures(field, got, want, t);
    if (t.set) return show([...(got as [])].sort()) === show([...(want as [])].sort()) ? [] : failure("set");
    if (t.exact) return show(got) === show(want) ? [] : failure("exact");
    return numbersWithin(got, want, t) ? [] : failure("tolerance");
  });
}

function numbersWithin(got: unknown, want: unknown, t: Tolerance): boolean {
  if (Array.isArray(want)) {
    return (
      Array.isArray(got) && got.length === want.length && want.every((w, i) => numbersWithin(got[i], w, t))
    );
  }
  if (typeof got !== "number" || typeof want !== "number" || Number.isNaN(got)) return got === want;
  const allowed = (t.abs ?? 0) + (t.rel ?? 0) * Math.abs(want);
  return t.upper ? got - want <= allowed : Math.abs(got - want) <= allowed;
}

type XY = readonly [number, number];

/** Distances of the answered points to the expected curve; points beyond its ends are not counted. */
function curveFailures(field: string, got: unknown, want: unknown, t: Tolerance): string[] {
  const curve = want as readonly XY[];
  const distances: number[] = [];
  for (const [x, y] of got as readonly XY[]) {
    let best = Number.POSITIVE_INFINITY;
    let beyond = false;
    for (let i = 0; i + 1 < curve.length; i++) {
      const [ax, ay] = curve[i]!;
      const [bx, by] = curve[i + 1]!;
      const [ux, uy] = [bx - ax, by - ay];
      const raw = ((x - ax) * ux + (y - ay) * uy) / (ux * ux + uy * uy);
      const s = Math.min(1, Math.max(0, raw));
      const d = Math.hypot(x - ax - s * ux, y - ay - s * uy);
      if (d < best) {
        best = d;
        beyond = (i === 0 && raw < 0) || (i === curve.length - 2 && raw > 1);
      }
    }
    if (!beyond) distances.push(best);
  }
  const rms = Math.sqrt(distances.reduce((sum, d) => sum + d * d, 0) / distances.length);
  const max = Math.max(...distances);
  return rms <= t.rms! && max <= t.max! ? [] : [`${field}: rms ${rms}, max ${max}`];
}

const show = (value: unknown) => JSON.stringify(value);
