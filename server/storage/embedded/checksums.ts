import { crc32 } from "node:zlib";

/**
 * CRC-32 of what the log keeps, made when it is written: a bit that turns on the disk is found by whoever reads it again.
 * No proof against somebody who changes a row on purpose. Null: of what an older Lamella wrote.
 */
export type Checksum = number | null;

/** Of an update that had changed before it was filed: no CRC-32 is negative, so that it never fits again. */
export const neverFits = -1;

/** Of the place where an update belongs: its checksum begins with it. */
export const placeChecksum = (room: string, epoch: string): number => crc32(`${room} ${epoch}`);

/** Of an update, whole: where it belongs, its number, and its entry (author, time, marks, bytes: `update-journal.ts`). */
export function updateChecksum(place: number, seq: number, entry: Uint8Array): number {
  // Another number begins with another value: the upper half is spread, so that it does not pass for the lower one.
  const upper = Math.imul(Math.floor(seq / 2 ** 32), 0x9e37_79b1);
  return crc32(entry, (place ^ (seq % 2 ** 32) ^ upper) >>> 0);
}

/** Of a whole state, or of a row of the journal. */
export const bytesChecksum = (bytes: Uint8Array): number => crc32(bytes);

/** Whether something is as it was written, as far as that is known. */
export const fits = (written: Checksum, now: () => number): boolean => written === null || written === now();
