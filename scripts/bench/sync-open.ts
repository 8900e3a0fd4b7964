import { once } from "node:events";
import { gunzipSync } from "node:zlib";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { WebSocket } from "ws";
import * as Y from "yjs";
import { applyPackedUpdate } from "#client/session/packed-update.ts";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { messageTypes } from "#core/protocol/messages.ts";
import { protocolVersion } from "#core/protocol/version.ts";
import { createRandom } from "#core/random/generator.ts";
import { createRecordId } from "#core/schema/ids.ts";
import { dialects } from "./sync-dialect.ts";
import { quantile, type Target } from "./sync-load.ts";

export interface Opening {
  readonly wireBytes: number;
  /** From the connection until a fresh document holds everything; the median. */
  readonly ms: number;
  /** Of it, until the last byte had come. */
  readonly arrivedMs: number;
}

type ServerName = keyof typeof dialects;
type Points = readonly (readonly [number, number])[];

const vertices = 20;
const rounds = 5;

/** The same marks twice: as this program stores them, and as one would first: a Y.Map a mark, its points a JSON value. */
export function makeDocuments(marks: number): { readonly ours: Uint8Array; readonly usual: Uint8Array } {
  const random = createRandom(20_260);
  const ours = new Y.Doc();
  const usual = new Y.Doc();
  const document = openAnnotationDocument(ours, { random });
  const records = usual.getMap("annotations");
  for (let i = 0; i < marks; i++) {
    const points = outline(random);
    const id = createRecordId(random);
    document.execute({
      type: "create",
      id,
      annotation: {
        kind: "region",
        classId: "delamination",
        drawnOn: { signal: "0", frame: 0, window: [120, 48_000] },
        drawnAt: "2026-03-01T10:00:00.000Z",
        origin: [{ by: "drawn", tool: "polygon", version: "1" }],
        rings: [{ closed: true, hole: false, points }],
      },
    });
    records.set(
      id,
      new Y.Map<unknown>([
        ["kind", "region"],
        ["classId", "delamination"],
        ["drawnAt", "2026-03-01T10:00:00.000Z"],
        ["points", points],
      ]),
    );
  }
  return { ours: Y.encodeStateAsUpdate(ours), usual: Y.encodeStateAsUpdate(usual) };
}

/** Put a document into a room of a server, then open it as somebody who has nothing of it. */
export async function openings(name: ServerName, target: Target, document: Uint8Array): Promise<Opening> {
  const room = `micrograph:open${String(document.length).padStart(9, "0")}:annotations`;
  const writer = await dialects[name].connect(target.port, room, "writer");
  writer.send(target.dialect.update(room, document));
  const found: { ms: number; arrivedMs: number; wireBytes: number }[] = [];
  const vector = Y.encodeStateVectorFromUpdate(document).length;
  for (let round = -2; round < rounds; ) {
    const opened = await open(name, target.port, room);
    if (opened.vectorBytes < vector) {
      // What was put in has not been stored yet.
      await new Promise((resolve) => setTimeout(resolve, 200));
      continue;
    }
    // The first two warm up client and server, for whom packing is a matter of the first opening, too.
    if (round++ >= 0) found.push(opened);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  writer.terminate();
  const median = (of: (one: (typeof found)[number]) => number) =>
    quantile(
      found.map(of).sort((a, b) => a - b),
      0.5,
    );
  return {
    wireBytes: median((one) => one.wireBytes),
    ms: median((one) => one.ms),
    arrivedMs: median((one) => one.arrivedMs),
  };
}

function outline(random: () => number): Points {
  const [cx, cy] = [random() * 4096, random() * 3072];
  const grid = (value: number) => Math.round(value * 64) / 64;
  return Array.from({ length: vertices }, (_, i) => {
    const angle = (2 * Math.PI * i) / vertices;
    const radius = 60 + 40 * random();
    return [grid(cx + radius * Math.cos(angle)), grid(cy + radius * Math.sin(angle))] as const;
  });
}

async function open(name: ServerName, port: number, room: string) {
  const startedMs = performance.now();
  const socket = await dialects[name].connect(port, room, "reader");
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
  socket.terminate();
  await once(socket, "close");
  return { ms, arrivedMs, wireBytes, vectorBytes: Y.encodeStateVector(doc).length };
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
