import { createDecoder, readVarUint } from "lib0/decoding";
import * as Y from "yjs";

export type Struct = Y.Item | Y.GC | Y.Skip;

/** An update as read, not applied: 1 µs for a drag. */
export interface DecodedUpdate {
  readonly structs: readonly Struct[];
  readonly ds: {
    readonly clients: ReadonlyMap<number, readonly { readonly clock: number; readonly len: number }[]>;
  };
  /** How many blocks of structs it announces; Yjs writes one a client. */
  readonly blocks: number;
}

/** A piece of a state, as `state-pieces.ts` writes it. @throws where it is none */
export function decodePiece(piece: Uint8Array): DecodedUpdate {
  const { structs, ds } = Y.decodeUpdateV2(piece) as unknown as Pick<DecodedUpdate, "structs" | "ds">;
  const begins = structs.filter(({ id }, i) => id.client !== structs[i - 1]?.id.client);
  return { structs, ds, blocks: begins.length };
}

/** @throws where the bytes are not an update from beginning to end */
export function decodeUpdate(bytes: Uint8Array): DecodedUpdate {
  const { structs, ds } = Y.decodeUpdate(bytes) as unknown as Pick<DecodedUpdate, "structs" | "ds">;
  return { structs, ds, blocks: readVarUint(createDecoder(bytes)) };
}
