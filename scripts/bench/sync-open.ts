import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gunzipSync } from "node:zlib";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { WebSocket } from "ws";
import * as Y from "yjs";
import { applyPackedUpdate } from "#client/session/packed-update.ts";
import { messageTypes } from "#core/protocol/messages.ts";
import { protocolVersion } from "#core/protocol/version.ts";
import { dialects } from "./sync-dialect.ts";
import { quantile, type Target, usage } from "./sync-load.ts";

/** What one opening took, or the median of several. */
export interface Opening {
  readonly wireBytes: number;
  /** From the connection until a fresh document holds everything. */
  readonly ms: number;
  /** Of it, until the last byte had come. */
  readonly arrivedMs: number;
  /** Processor time of the client, and of the server. */
  readonly clientCpuMs: number;
  readonly serverCpuMs: number;
}

/** A document on a server, to be opened again and again. */
export interface Place {
  readonly name: ServerName;
  readonly target: Target;
  readonly room: string;
  /** Stays in it: a server may let go of a room that nobody is in. */
  readonly writer: WebSocket;
}

type ServerName = keyof typeof dialects;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as (options: { readonly type: "minor" }) => void;

/** Put a document into a room of a server, and wait until it is all there. */
export async function place(name: ServerName, target: Target, document: Uint8Array): Promise<Place> {
  const room = `micrograph:open${String(document.length).padStart(9, "0")}:annotations`;
  const writer = await dialects[name].connect(target.port, room, "writer");
  const at = { name, target, room, writer };
  writer.send(target.dialect.update(room, document));
  const vector = Y.encodeStateVectorFromUpdate(document).length;
  // Twice more, so that client and server are warm; for the server packing is a matter of the first opening, too.
  for (let left = 2; left > 0; ) {
    if ((await open(at)).vectorBytes === vector) left--;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return at;
}

/** All of these take turns, so that what else the machine does falls on all. */
export async function openInTurns(places: readonly Place[], rounds: number): Promise<readonly Opening[][]> {
  const openings: Opening[][] = places.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, at] of places.entries()) {
      // What the last one has just left behind is nobody's burden.
      collectGarbage({ type: "minor" });
      openings[i]!.push(await open(at));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  for (const { writer } of places) writer.terminate();
  return openings;
}

export function medianOf<T>(runs: readonly T[], of: (one: T) => number): number {
  return quantile(
    runs.map(of).sort((a, b) => a - b),
    0.5,
  );
}

/** As somebody who has nothing of it. */
async function open({
  name,
  target,
  room,
}: Omit<Place, "writer">): Promise<Opening & { readonly vectorBytes: number }> {
  const serverBefore = await usage(target.server);
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const socket = await dialects[name].connect(target.port, room, "reader");
  const doc = new Y.Doc();
  let wireBytes = 0;
  const arrivedMs = await new Promise<number>((resolve) => {
    socket.on("message", (data: Buffer) => {
      wireBytes += data.length;
      const nowMs = performance.now();
      if (take(name === "hocuspocus", data, doc)) resolve(nowMs - startedMs);
    });
    greet(name, socket, room, doc);
  });
  const ms = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpu);
  socket.terminate();
  await once(socket, "close");
  const serverAfter = await usage(target.server);
  return {
    ...{ ms, arrivedMs, wireBytes, vectorBytes: Y.encodeStateVector(doc).length },
    ...{ clientCpuMs: (user + system) / 1e3, serverCpuMs: (serverAfter.cpuS - serverBefore.cpuS) * 1e3 },
  };
}

/** As its own client does: Lamella's says hello and reads packed states, all ask for everything. */
function greet(name: ServerName, socket: WebSocket, room: string, doc: Y.Doc): void {
  if (name === "lamella") {
    const hello = { protocolVersion, clientId: doc.clientID, epoch: null, accepts: ["packed"] };
    socket.send(
      message((encoder) => {
        encoding.writeVarUint(encoder, messageTypes.hello);
        encoding.writeVarString(encoder, JSON.stringify(hello));
      }),
    );
  }
  socket.send(
    message((encoder) => {
      if (name === "hocuspocus") encoding.writeVarString(encoder, room);
      encoding.writeVarUint(encoder, messageTypes.sync);
      encoding.writeVarUint(encoder, 0);
      encoding.writeVarUint8Array(encoder, Y.encodeStateVector(doc));
    }),
  );
}

function message(write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder();
  write(encoder);
  return encoding.toUint8Array(encoder);
}

/** @returns true with the step 2 that ends the opening */
function take(bearsRoom: boolean, data: Buffer, doc: Y.Doc): boolean {
  const decoder = decoding.createDecoder(data);
  if (bearsRoom) decoding.readVarString(decoder);
  const type = decoding.readVarUint(decoder);
  if (type === messageTypes.packed) {
    const kind = decoding.readVarUint(decoder);
    unpack(kind, gunzipSync(decoding.readTailAsUint8Array(decoder)), doc);
    return false;
  }
  if (type !== messageTypes.sync) return false;
  const step = decoding.readVarUint(decoder);
  if (step === 0) return false;
  Y.applyUpdate(doc, decoding.readVarUint8Array(decoder));
  return step === 1;
}

function unpack(kind: number, bytes: Uint8Array, doc: Y.Doc): void {
  if (kind === 2) {
    applyPackedUpdate(doc, bytes);
    return;
  }
  const updates = decoding.createDecoder(bytes);
  for (let left = decoding.readVarUint(updates); left > 0; left--)
    Y.applyUpdate(doc, decoding.readVarUint8Array(updates));
}
