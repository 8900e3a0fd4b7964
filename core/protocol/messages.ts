/**
 * Message types on a room's socket. 0-3 are y-websocket's own. 100-103 are ours, sent only to a client that said hello
 * (a stock client logs an error for each unknown type). All are lib0 encoded: varUint type, then the fields below.
 */
export const messageTypes = {
  /** y-protocols/sync: step 1 (0), step 2 (1), update (2). */
  sync: 0,
  /** y-protocols/awareness: varUint8Array of an awareness update. */
  awareness: 1,
  auth: 2,
  queryAwareness: 3,
  /** server → client: varUint n. "The first n of this socket's frames [sync, 1|2] are committed." */
  ack: 100,
  /** client → server: varString JSON ClientHello; answered by varString JSON ServerHello. */
  hello: 101,
  /** server → client: varString JSON Refusal; the socket closes with 4409 after it. */
  refused: 102,
  /**
   * server → client: varUint encoding, then gzip to the message's end. In answer to a step 1 that knows nothing, to a
   * client whose hello accepts it: what the room holds, in one or several; a step 2 with what came since follows. Encoding 1: varUint count,
   * so many times varUint8Array of a Yjs update. Encoding 2: a Yjs update of the second version.
   */
  packed: 103,
} as const;

export interface ClientHello {
  readonly protocolVersion: number;
  /** Yjs client id of the document that will write here; bound to the person before anything is passed on. */
  readonly clientId: number;
  /** Epoch of the local copy, or null for a fresh one. Another epoch than the room's: the copy becomes a rescue. */
  readonly epoch: string | null;
  /** What else this client reads. */
  readonly accepts?: readonly "packed"[];
}

export interface ServerHello {
  readonly protocolVersion: number;
  readonly epoch: string;
  readonly principalId: string;
  readonly mayWrite: boolean;
}

export type RefusalCode = "size" | "rate" | "role" | "author" | "malformed" | "quota" | "epoch" | "storage";

/** A refusal is final for that local copy: it is kept aside as a rescue, and a fresh document is opened. */
export interface Refusal {
  readonly code: RefusalCode;
  /** A sentence for the screen: expected, received, what to do. */
  readonly what: string;
}
