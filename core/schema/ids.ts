import { z } from "zod";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz";

/** Ids of marks: a client makes them, also offline. 54^12 ≈ 6·10^20: a million marks collide once in 10^9 projects. */
export const recordIdLength = 12;

/** Any record id: made here, by the server, or by an import. Map keys are short random strings, never UUIDs. */
export const recordId = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/);

/**
 * A new record id of 12 characters without look-alikes (no I, L, O, U, i, l, o, u).
 *
 * @param random uniform numbers in [0, 1) for repeatable ids; the platform's cryptographic source without it
 */
export function createRecordId(random: () => number = secureRandom): string {
  let id = "";
  for (let i = 0; i < recordIdLength; i++) id += alphabet[Math.floor(random() * alphabet.length)];
  return id;
}

/** Uniform numbers in [0, 1) from the platform's cryptographic source, 32 bits each. */
export function secureRandom(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32;
}
