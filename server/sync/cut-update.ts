import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { held, structBits, types, values } from "#core/protocol/yjs-encoding.ts";

/**
 * An update in Yjs' first encoding as several that follow each other: the bytes of its structs as they stand, never read,
 * only stepped over, so that it costs next to nothing. What one client has written depends on nothing that comes later.
 *
 * @param firstStructs how many structs the first piece gets, and `structs` the others
 * @returns the update itself where it is small, or several clients' (they would wait for each other)
 */
export function cutUpdate(update: Uint8Array, firstStructs: number, structs: number): Uint8Array[] {
  if (!canBeCut(update)) return [update];
  const decoder = decoding.createDecoder(update);
  decoding.readVarUint(decoder);
  let left = decoding.readVarUint(decoder);
  if (left <= firstStructs) return [update];
  const client = decoding.readVarUint(decoder);
  let clock = decoding.readVarUint(decoder);
  const pieces: Uint8Array[] = [];
  while (left > 0) {
    const count = Math.min(left, pieces.length === 0 ? firstStructs : structs);
    left -= count;
    const piece = encoding.createEncoder();
    for (const number of [1, count, client, clock]) encoding.writeVarUint(piece, number);
    const start = decoder.pos;
    for (let i = 0; i < count; i++) clock += skipStruct(decoder);
    // Deletions come with the last one.
    const end = left > 0 ? decoder.pos : update.length;
    encoding.writeUint8Array(piece, update.subarray(start, end));
    if (left > 0) encoding.writeVarUint(piece, 0);
    pieces.push(encoding.toUint8Array(piece));
  }
  return pieces;
}

/** Of one client: the first number is how many there are. */
export const canBeCut = (update: Uint8Array): boolean => update[0] === 1;

/** @returns how many clocks the struct takes @throws where it is none that Yjs writes */
function skipStruct(decoder: decoding.Decoder): number {
  const info = decoding.readUint8(decoder);
  const holds = info & structBits.holds;
  if (holds === held.collected || holds === held.skip) return decoding.readVarUint(decoder);
  if (info & structBits.origin) skipId(decoder);
  if (info & structBits.rightOrigin) skipId(decoder);
  if ((info & (structBits.origin | structBits.rightOrigin)) === 0) {
    if (decoding.readVarUint(decoder) === 1) skipBytes(decoder);
    else skipId(decoder);
    if (info & structBits.key) skipBytes(decoder);
  }
  return skipContent(decoder, holds);
}

function skipContent(decoder: decoding.Decoder, holds: number): number {
  switch (holds) {
    case held.deleted:
      return decoding.readVarUint(decoder);
    case held.json:
      return skipEach(decoder, skipBytes);
    case held.binary:
    case held.embed:
      skipBytes(decoder);
      return 1;
    case held.string:
      return decoding.readVarString(decoder).length;
    case held.format:
      skipBytes(decoder);
      skipBytes(decoder);
      return 1;
    case held.type:
      return skipType(decoder);
    case held.any:
      return skipEach(decoder, skipAny);
    case held.document:
      skipBytes(decoder);
      skipAny(decoder);
      return 1;
    default:
      throw new Error(`a struct that holds ${holds}`);
  }
}

function skipType(decoder: decoding.Decoder): number {
  const type = decoding.readVarUint(decoder);
  if (type === types.element || type === types.hook) skipBytes(decoder);
  return 1;
}

function skipEach(decoder: decoding.Decoder, skip: (decoder: decoding.Decoder) => void): number {
  const count = decoding.readVarUint(decoder);
  for (let i = 0; i < count; i++) skip(decoder);
  return count;
}

function skipId(decoder: decoding.Decoder): void {
  decoding.readVarUint(decoder);
  decoding.readVarUint(decoder);
}

/** A text or bytes: its length in bytes, then these. */
function skipBytes(decoder: decoding.Decoder): void {
  const length = decoding.readVarUint(decoder);
  decoder.pos += length;
}

/** A value as lib0 writes it (`writeAny`), by its first byte. */
function skipAny(decoder: decoding.Decoder): void {
  const tag = decoder.arr[decoder.pos];
  if (tag === values.string || tag === values.bytes) {
    decoder.pos++;
    skipBytes(decoder);
  } else if (tag === values.object) {
    decoder.pos++;
    skipEach(decoder, skipEntry);
  } else if (tag === values.array) {
    decoder.pos++;
    skipEach(decoder, skipAny);
  } else {
    // Numbers and single words.
    decoding.readAny(decoder);
  }
}

function skipEntry(decoder: decoding.Decoder): void {
  skipBytes(decoder);
  skipAny(decoder);
}
