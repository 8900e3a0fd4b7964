import { crc32 } from "node:zlib";
import type { JournalUpdate } from "./update-journal.ts";

/**
 * CRC-32 of what the log keeps, made when it is written: a bit that turns on the disk is found by whoever reads it again.
 * No proof against somebody who changes a row on purpose. Null: of a row that an older Lamella wrote.
 */
export type Checksum = number | null;

/** Of an update that had changed before it was filed: no CRC-32 is negative, so that it never fits again. */
export const neverFits = -1;

/** Of an update, whole: author, time, marks, bytes, as its entry in the journal has them (`update-journal.ts`). */
export function updateChecksum(update: Omit<JournalUpdate, "checksum">): number {
  const { principalId, receivedAtMs, touched, bytes } = update;
  const [author, marks] = [Buffer.byteLength(principalId), Buffer.byteLength(touched)];
  const head = Buffer.allocUnsafe(4 + author + 8 + 4 + marks + 4);
  let at = head.writeUInt32LE(author, 0);
  at += head.write(principalId, at);
  at = head.writeDoubleLE(receivedAtMs, at);
  at = head.writeUInt32LE(marks, at);
  at += head.write(touched, at);
  head.writeUInt32LE(bytes.length, at);
  return crc32(bytes, crc32(head));
}

/** Of a whole state, or of a row of the journal. */
export const bytesChecksum = (bytes: Uint8Array): number => crc32(bytes);

/** Whether a row is as it was written, as far as that is known. */
export const fits = (written: Checksum, now: () => number): boolean => written === null || written === now();
