import { once } from "node:events";
import { gunzipSync } from "node:zlib";
import * as decoding from "lib0/decoding";
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from "lib0/encoding";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { messageTypes } from "#core/protocol/messages.ts";
import { protocolVersion } from "#core/protocol/version.ts";
import { syncMessage } from "#server/sync/messages.ts";

export interface PackedOpening {
  readonly doc: Y.Doc;
  /** Which encodings the packed messages were in: 1 updates as they stand, 2 pieces. */
  readonly kinds: readonly number[];
  /** What the server says it has: its step 1. */
  readonly vector: ReadonlyMap<number, number>;
  readonly socket: WebSocket;
}

/** Open a room as somebody who has nothing of it and reads packed states, until the step 2 that ends the answer. */
export async function openPacked(url: string, room: string, query = ""): Promise<PackedOpening> {
  const socket = new WebSocket(`${url}/${room}?${query}`);
  onTestFinished(() => socket.terminate());
  const doc = new Y.Doc();
  const kinds: number[] = [];
  let vector: ReadonlyMap<number, number> = new Map();
  const ended = new Promise<void>((resolve, reject) => {
    socket.on("close", (code) => reject(new Error(`closed with ${code}`)));
    socket.on("message", (data) => {
      const decoder = decoding.createDecoder(new Uint8Array(data as Buffer));
      const type = decoding.readVarUint(decoder);
      if (type === messageTypes.packed) {
        kinds.push(decoding.readVarUint(decoder));
        applyPacked(doc, kinds.at(-1)!, gunzipSync(decoding.readTailAsUint8Array(decoder)));
      }
      if (type !== messageTypes.sync) return;
      const step = decoding.readVarUint(decoder);
      const body = decoding.readVarUint8Array(decoder);
      if (step === 0) vector = Y.decodeStateVector(body);
      else Y.applyUpdate(doc, body);
      if (step === 1) resolve();
    });
  });
  await once(socket, "open");
  const hello = createEncoder();
  writeVarUint(hello, messageTypes.hello);
  const { clientID: clientId } = doc;
  writeVarString(hello, JSON.stringify({ protocolVersion, clientId, epoch: null, accepts: ["packed"] }));
  socket.send(toUint8Array(hello));
  socket.send(syncMessage(0, Uint8Array.of(0)));
  await ended;
  return { doc, kinds, vector, socket };
}

function applyPacked(doc: Y.Doc, kind: number, bytes: Uint8Array): void {
  if (kind === 2) {
    Y.applyUpdateV2(doc, bytes);
    return;
  }
  const updates = decoding.createDecoder(bytes);
  for (let left = decoding.readVarUint(updates); left > 0; left--)
    Y.applyUpdate(doc, decoding.readVarUint8Array(updates));
}
