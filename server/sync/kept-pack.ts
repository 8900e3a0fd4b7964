import { crc32 } from "node:zlib";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";

/** A room's state as it is sent to whoever opens it, with what the server itself needs before it has read it. */
export interface Pack {
  /** Updates in Yjs' second encoding, each compressed with gzip; applied one after the other (`state-pieces.ts`). */
  readonly pieces: readonly Uint8Array[];
  /** How far each client has written in them: a state vector. */
  readonly vector: Uint8Array;
}

const layout = 1;
const checksumBytes = 4;

/** @param ofBytes how many bytes the state takes that it was made of */
export function encodePack({ pieces, vector }: Pack, ofBytes: number): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeUint32(encoder, 0);
  encoding.writeVarUint(encoder, layout);
  encoding.writeVarUint(encoder, ofBytes);
  encoding.writeVarUint8Array(encoder, vector);
  encoding.writeVarUint(encoder, pieces.length);
  for (const piece of pieces) encoding.writeVarUint8Array(encoder, piece);
  const bytes = encoding.toUint8Array(encoder);
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, crc32(bytes.subarray(checksumBytes)), true);
  return bytes;
}

/** @throws where it is none, or a bit of it has turned */
export function decodePack(bytes: Uint8Array): Pack & { readonly ofBytes: number } {
  const decoder = decoding.createDecoder(bytes);
  if (decoding.readUint32(decoder) !== crc32(bytes.subarray(checksumBytes)))
    throw new Error("its checksum is wrong");
  if (decoding.readVarUint(decoder) !== layout) throw new Error("it has another layout");
  const ofBytes = decoding.readVarUint(decoder);
  const vector = decoding.readVarUint8Array(decoder);
  const pieces = Array.from({ length: decoding.readVarUint(decoder) }, () =>
    decoding.readVarUint8Array(decoder),
  );
  return { pieces, vector, ofBytes };
}
