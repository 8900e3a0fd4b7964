import { closeCodes } from "#core/protocol/close-codes.ts";
import type { Append } from "#server/storage/document-log.ts";
import type { Follower, Submission } from "./commit-pipeline.ts";
import { syncMessage, syncSteps, webSocketFrame } from "./messages.ts";
import type { RoomSocket } from "./room-socket.ts";

/** A sync message of a socket as it came: which of its frames it is, and the update in it. */
export interface SyncFrame {
  readonly message: Uint8Array;
  readonly body: Uint8Array;
  readonly frame: number;
  readonly isStep2: boolean;
}

/** What a socket submitted, until it is on disk and acknowledged. */
export class SocketEdit implements Submission {
  readonly room: string;
  readonly epoch: string;
  readonly bytes: Uint8Array;
  readonly principalId: string;
  readonly receivedAtMs: number;
  readonly touched: readonly string[];
  readonly newClients: readonly number[];
  readonly bind: Append["bind"];
  readonly socket: RoomSocket;
  readonly frame: Buffer;
  followers: Follower[] | null = null;
  readonly #frameNumber: number;
  readonly #isStep2: boolean;

  constructor(
    socket: RoomSocket,
    { message, body, frame, isStep2 }: SyncFrame,
    place: { readonly name: string; readonly epoch: string },
    verdict: { readonly touched: readonly string[]; readonly newClients: readonly number[] },
    receivedAtMs: number,
  ) {
    this.room = place.name;
    this.epoch = place.epoch;
    this.principalId = socket.principal.principalId;
    this.receivedAtMs = receivedAtMs;
    this.touched = verdict.touched;
    this.newClients = verdict.newClients;
    this.bind = bindingsOf(verdict.newClients, this.principalId);
    this.socket = socket;
    // Its own memory: what ws hands over is a slice of a larger buffer. An update goes on as it came.
    this.frame = webSocketFrame(isPlainUpdate(message, body) ? message : syncMessage(syncSteps.update, body));
    this.bytes = this.frame.subarray(this.frame.length - body.length);
    this.#frameNumber = frame;
    this.#isStep2 = isStep2;
  }

  committed(): void {
    this.socket.finish(this.#frameNumber, this.#isStep2);
    this.socket.frameSettled(this.bytes.length);
  }

  failed(): void {
    this.socket.close(
      closeCodes.later,
      "The server could not store this edit; it stays with you and is sent again.",
    );
    this.socket.frameSettled(this.bytes.length);
  }
}

const noBindings: Append["bind"] = [];

export function bindingsOf(newClients: readonly number[], principalId: string): Append["bind"] {
  return newClients.length === 0 ? noBindings : newClients.map((clientId) => ({ clientId, principalId }));
}

/** [sync, update, body] with nothing after it. */
function isPlainUpdate(message: Uint8Array, body: Uint8Array): boolean {
  return (
    message[1] === syncSteps.update &&
    message[0] === 0 &&
    body.byteOffset + body.length === message.byteOffset + message.length
  );
}
