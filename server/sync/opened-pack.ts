import { gunzipSync } from "node:zlib";
import * as Y from "yjs";
import type { KeptPack } from "#server/storage/document-log.ts";
import { type DecodedUpdate, decodePiece } from "./decoded-update.ts";
import { GrowingIndex } from "./growing-index.ts";
import { decodePack } from "./kept-pack.ts";
import { packedMessage } from "./packed-state.ts";
import { RoomIndex } from "./room-index.ts";
import type { PackedState } from "./room-state.ts";
import { UpdateTail } from "./update-tail.ts";

/** A room as it was kept packed: what is sent at once, how far each client had written, and the index, yet to be read. */
export interface OpenedPack {
  readonly packed: PackedState;
  readonly clocks: ReadonlyMap<number, number>;
  readonly index: GrowingIndex;
}

/** @throws where it is damaged; where its checksum does not show it, the index throws when it is read */
export function openPack(kept: KeptPack): OpenedPack {
  const { pieces, vector, ofBytes } = decodePack(kept.bytes);
  const clocks = Y.decodeStateVector(vector);
  const since = new UpdateTail();
  for (const update of kept.since) {
    since.push(update);
    for (const [client, clock] of Y.parseUpdateMeta(update).to)
      clocks.set(client, Math.max(clock, clocks.get(client) ?? 0));
  }
  const index = new GrowingIndex([
    ...pieces.map((piece) => reading(() => decodePiece(gunzipSync(piece)))),
    ...kept.since.map((update) => reading(() => update)),
  ]);
  const messages = pieces.map((piece) => packedMessage(2, piece));
  return { packed: { ofBytes, since, messages, inPieces: true }, clocks, index };
}

const reading = (update: () => Uint8Array | DecodedUpdate) => (index: RoomIndex) =>
  RoomIndex.extend(index, update(), (verdict) => {
    throw new Error(`an update does not fit (${verdict})`);
  });
