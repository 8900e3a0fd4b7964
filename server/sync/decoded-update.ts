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

/** @throws where the bytes are not an update from beginning to end */
export function decodeUpdate(bytes: Uint8Array): DecodedUpdate {
  const { structs, ds } = Y.decodeUpdate(bytes) as unknown as Pick<DecodedUpdate, "structs" | "ds">;
  return { structs, ds, blocks: readVarUint(createDecoder(bytes)) };
}
