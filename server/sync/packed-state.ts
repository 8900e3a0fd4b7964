import { promisify } from "node:util";
import { gzip } from "node:zlib";
import * as encoding from "lib0/encoding";
import { messageTypes } from "#core/protocol/messages.ts";
import { cutUpdate } from "./cut-update.ts";
import { firstPieceStructs, pieceStructs } from "./state-pieces.ts";

/** Rooms below this go over the wire as they are: packing them saves nobody time. */
export const packFromBytes = 64 * 1024;

/** Updates of so many bytes travel together: the first few alone, so that their marks are painted first. */
const [firstGroupBytes, groupBytes] = [512 * 1024, 1024 * 1024];

/** One update from here on would leave the screen empty until all of it is read: it is never sent in one. */
export const inPiecesFromBytes = 4 * 1024 * 1024;

const gzipInPool = promisify(gzip);

/**
 * Updates as they are, the large ones cut, and only compressed: at once, in threads of the pool.
 * @returns each message as it comes; the first is small, and need not wait for the others
 */
export function packUpdates(updates: readonly Uint8Array[]): Promise<Uint8Array>[] {
  const parts = updates.flatMap((update) =>
    update.length > firstGroupBytes ? cutUpdate(update, firstPieceStructs, pieceStructs) : [update],
  );
  const groups: Uint8Array[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const part of parts) {
    bytes += part.length;
    if (bytes <= (groups.length === 1 ? firstGroupBytes : groupBytes)) groups.at(-1)!.push(part);
    else {
      groups.push([part]);
      bytes = part.length;
    }
  }
  const messages = groups.map(packTogether);
  // Whoever waits for them in turn hears of one that failed when its turn comes.
  for (const message of messages) message.catch(() => undefined);
  return messages;
}

async function packTogether(parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, parts.length);
  for (const part of parts) encoding.writeVarUint8Array(encoder, part);
  return packedMessage(1, await gzipInPool(encoding.toUint8Array(encoder), { level: 1 }));
}

/** @param bytes gzip of what the encoding says (`messageTypes.packed`) */
export function packedMessage(kind: 1 | 2, bytes: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, messageTypes.packed);
  encoding.writeVarUint(encoder, kind);
  encoding.writeUint8Array(encoder, bytes);
  return encoding.toUint8Array(encoder);
}
