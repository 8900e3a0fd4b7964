/**
 * Fractional order keys: strings in base 62 whose plain comparison is the z-order, with room between any two.
 * A head letter says how many digits the whole part has ("a" 1 … "z" 26; "Z" 1 … "A" 26 below zero), so that a key at
 * either end grows by a digit each 62-fold, not each few marks. The fraction never ends in "0".
 * Source: the scheme of D. Greenspan, "Implementing Fractional Indexing" (2020).
 */
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const first = "a0";
const lowest = `A${"0".repeat(26)}`;

/**
 * A key above `below` and under `above`; null is the open end.
 * @throws RangeError the keys are not in order, or not order keys
 */
export function orderBetween(below: string | null, above: string | null): string {
  if (below !== null && above !== null && below >= above)
    throw new RangeError(`Expected the lower order key first, found "${below}" and "${above}".`);
  if (below === null) {
    if (above === null) return first;
    const whole = wholePart(above);
    if (whole === lowest) return whole + midpoint("", above.slice(whole.length));
    return whole < above ? whole : (step(whole, -1) ?? lowest);
  }
  const whole = wholePart(below);
  const fraction = below.slice(whole.length);
  const next = step(whole, 1);
  if (above === null) return next ?? whole + midpoint(fraction, null);
  const wholeAbove = wholePart(above);
  if (whole === wholeAbove) return whole + midpoint(fraction, above.slice(wholeAbove.length));
  return next !== null && next < above ? next : whole + midpoint(fraction, null);
}

/** True for a string that `orderBetween` could have made. Order keys of a newer scheme are kept but not built upon. */
export function isOrderKey(text: string): boolean {
  return (
    /^([a-z]|[A-Z])[0-9A-Za-z]*$/.test(text) &&
    text.length >= 1 + wholeDigits(text) &&
    !/.0$/.test(text.slice(1 + wholeDigits(text)))
  );
}

function wholeDigits(key: string): number {
  const head = key.charCodeAt(0);
  return head >= 97 ? head - 96 : 91 - head;
}

function wholePart(key: string): string {
  if (!isOrderKey(key)) throw new RangeError(`Expected an order key, found "${key}".`);
  return key.slice(0, 1 + wholeDigits(key));
}

/** The whole part one higher or lower, or null past either end. */
function step(whole: string, direction: 1 | -1): string | null {
  const places = [...whole.slice(1)].map((digit) => digits.indexOf(digit));
  for (let i = places.length - 1; i >= 0; i--) {
    places[i]! += direction;
    if (places[i]! >= 0 && places[i]! < digits.length)
      return whole[0] + places.map((place) => digits[place]).join("");
    places[i] = direction === 1 ? 0 : digits.length - 1;
  }
  // All digits carried: the next head letter, "Z" and "a" being neighbours.
  const head = whole[0]!;
  const edge = direction === 1 ? digits[0]! : digits.at(-1)!;
  if (direction === 1 && head === "Z") return first;
  if (direction === -1 && head === "a") return `Z${edge}`;
  if (head === (direction === 1 ? "z" : "A")) return null;
  const newHead = String.fromCharCode(head.charCodeAt(0) + direction);
  return newHead + edge.repeat(wholeDigits(newHead));
}

/** A fraction strictly between two; "" is 0 and null is 1. Never ends in "0". */
function midpoint(low: string, high: string | null): string {
  if (high !== null) {
    let shared = 0;
    while ((low[shared] ?? "0") === high[shared]) shared++;
    if (shared > 0) return high.slice(0, shared) + midpoint(low.slice(shared), high.slice(shared));
  }
  const lowDigit = low ? digits.indexOf(low[0]!) : 0;
  const highDigit = high === null ? digits.length : digits.indexOf(high[0]!);
  if (highDigit - lowDigit > 1) return digits[Math.round((lowDigit + highDigit) / 2)]!;
  if (high !== null && high.length > 1) return high[0]!;
  return digits[lowDigit]! + midpoint(low.slice(1), null);
}
