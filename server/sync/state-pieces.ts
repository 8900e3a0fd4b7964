import * as encoding from "lib0/encoding";
import * as Y from "yjs";
import { type DecodedUpdate, decodeUpdate, type Struct } from "./decoded-update.ts";

/** One block of an update: a client's structs [from, to). */
interface Block {
  readonly client: number;
  readonly structs: readonly Struct[];
  readonly from: number;
  to: number;
}

/** Structs of a piece, about five hundred marks first and then five thousand: each is applied and painted by itself. */
export const [firstPieceStructs, pieceStructs] = [1_500, 15_000];
/** Where people have written so interleaved that this is not enough, the state stays in one piece. */
const mostPieces = 128;

/**
 * A room's whole state as updates (Yjs' second encoding) that are applied one after the other: none refers to what comes
 * later, so the first marks can be painted while the rest is on its way. Made without a document: in a third of the time.
 */
export function statePieces(state: Uint8Array): Uint8Array[] {
  const { structs, ds } = decodeUpdate(state);
  const pieces = blocksByPiece(structs);
  if (pieces.length < 2 || pieces.length > mostPieces) return [Y.convertUpdateFormatV1ToV2(state)];
  return pieces.map((blocks, i) => encodePiece(blocks, i === pieces.length - 1 ? ds : null));
}

function blocksByPiece(all: readonly Struct[]): Block[][] {
  const byClient = Map.groupBy(all, ({ id }) => id.client);
  const queues = [...byClient].map(([client, structs]) => ({ client, structs, next: 0 }));
  const clocks = new Map<number, number>();
  const has = (id: Y.ID | null) => !id || id.clock < (clocks.get(id.client) ?? 0);
  const pieces: Block[][] = [[]];
  let left = firstPieceStructs;
  const take = (client: number, structs: readonly Struct[], i: number) => {
    let piece = pieces.at(-1)!;
    let block = piece.find((one) => one.client === client);
    // Yjs reads only the last of two blocks of one client.
    if (left === 0 || (block && block.to !== i)) {
      pieces.push((piece = []));
      left = pieceStructs;
      block = undefined;
    }
    if (block) block.to++;
    else piece.push({ client, structs, from: i, to: i + 1 });
    left--;
  };
  for (let waiting = queues; waiting.length > 0; ) {
    for (const queue of waiting) {
      for (let struct = queue.structs[queue.next]; struct; struct = queue.structs[++queue.next]) {
        if (struct instanceof Y.Item) {
          const parent = struct.parent instanceof Y.ID ? struct.parent : null;
          if (!has(struct.origin) || !has(struct.rightOrigin) || !has(parent)) break;
        }
        take(queue.client, queue.structs, queue.next);
        clocks.set(queue.client, struct.id.clock + struct.length);
      }
      if (pieces.length > mostPieces) return pieces;
    }
    waiting = waiting.filter(({ structs, next }) => next < structs.length);
  }
  return pieces.filter((piece) => piece.length > 0);
}

/** As Yjs writes an update; deletions come with the last one. */
function encodePiece(blocks: readonly Block[], deleted: DecodedUpdate["ds"] | null): Uint8Array {
  const encoder = new Y.UpdateEncoderV2();
  const rest = encoder.restEncoder;
  encoding.writeVarUint(rest, blocks.length);
  for (const { client, structs, from, to } of blocks) {
    encoding.writeVarUint(rest, to - from);
    encoder.writeClient(client);
    encoding.writeVarUint(rest, structs[from]!.id.clock);
    for (let i = from; i < to; i++) structs[i]!.write(encoder, 0);
  }
  const clients = deleted ? [...deleted.clients] : [];
  encoding.writeVarUint(rest, clients.length);
  for (const [client, ranges] of clients) {
    encoder.resetDsCurVal();
    encoding.writeVarUint(rest, client);
    encoding.writeVarUint(rest, ranges.length);
    for (const { clock, len } of ranges) {
      encoder.writeDsClock(clock);
      encoder.writeDsLen(len);
    }
  }
  return encoder.toUint8Array();
}
