import type { Point } from "#core/geometry/point.ts";

/**
 * Fingerprint of the points a number was taken from, 16 hex digits: two numbers with the same hash and parameters are the
 * same measurement. Two 32-bit FNV-1a streams over the doubles; a check against mix-ups, not against forgery.
 */
export function inputsHash(lines: Iterable<readonly Point[]>): string {
  const pair = new Float64Array(2);
  const words = new Uint32Array(pair.buffer);
  let a = 0x811c9dc5;
  let b = 0x01000193;
  const mix = (word: number) => {
    a = Math.imul(a ^ word, 0x01000193);
    b = Math.imul(b ^ (word >>> 16) ^ (word << 16), 0x85ebca6b);
  };
  for (const line of lines) {
    mix(line.length);
    for (const { x, y } of line) {
      pair[0] = x;
      pair[1] = y;
      for (let i = 0; i < 4; i++) mix(words[i]!);
    }
  }
  const hex = (v: number) => ((v ^ (v >>> 15)) >>> 0).toString(16).padStart(8, "0");
  return hex(a) + hex(b);
}
