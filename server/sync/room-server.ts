import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type * as Y from "yjs";
import type { CloseCode } from "#core/protocol/close-codes.ts";
import type { DocumentLog } from "#server/storage/document-log.ts";
import type { Authorise } from "./admission.ts";
import type { RoomLimits } from "./limits.ts";
import type { RoomMetrics } from "./metrics.ts";

export interface RoomServerPorts {
  readonly log: DocumentLog;
  readonly authorise: Authorise;
  /** Milliseconds since 1970; by default Date.now. */
  readonly now?: () => number;
  readonly limits?: Partial<RoomLimits>;
  /** What went wrong inside, for the log; by default nothing is written. */
  readonly report?: (event: string, facts: Readonly<Record<string, unknown>>) => void;
}

/** Rooms over y-websocket's protocol; the rules are numbered in PROTOCOL.md. */
export declare class RoomServer {
  constructor(ports: RoomServerPorts);
  readonly metrics: RoomMetrics;
  /**
   * Take over an HTTP upgrade of `/sync/<room>`. Origin has been checked by the caller; every other refusal is said here,
   * by accepting and closing.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Write in a room on somebody's behalf: a fresh client id bound to them, on disk and sent to all when it resolves. */
  writeAsServer(room: string, principalId: string, change: (doc: Y.Doc) => void): Promise<void>;
  /** Read a room as committed. `read` must not change the document. */
  readDocument<T>(room: string, read: (doc: Y.Doc) => T): Promise<T>;
  /** Close this person's open sockets in these rooms: at once nothing more is read from or sent to them. */
  revoke(principalId: string, rooms: readonly string[] | "all", closeCode?: CloseCode): void;
  /** Different people with an open socket in any of these rooms. */
  onlineCount(rooms: readonly string[]): number;
  /** Which person each Yjs client id of the room belongs to. */
  authors(room: string): Promise<ReadonlyMap<number, string>>;
  /** Stop: flush what is committing, close every socket with 1012, store idle states. At most 5 s. */
  close(): Promise<void>;
}
