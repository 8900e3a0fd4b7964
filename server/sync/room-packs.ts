import * as Y from "yjs";
import { canBeCut } from "./cut-update.ts";
import { encodePack, type Pack } from "./kept-pack.ts";
import { emptyUpdate, syncMessage, syncSteps } from "./messages.ts";
import { inPiecesFromBytes, packedMessage, packFromBytes, packUpdates } from "./packed-state.ts";
import type { RoomSurroundings } from "./room-document.ts";
import type { PackedState, RoomState } from "./room-state.ts";

interface PackedRoom {
  readonly name: string;
  readonly epoch: string;
  readonly state: RoomState;
  /** Sequence number of the last update in the state. */
  lastSeq(): number;
}

/**
 * What whoever opens a room is sent at once. First the updates as they stand, compressed in a moment; then its state in
 * pieces, made in a thread and kept in the store, so that the first after a restart has them too.
 */
export class RoomPacks {
  readonly #room: PackedRoom;
  readonly #around: Pick<RoomSurroundings, "log" | "replay" | "report">;
  #cutting: Promise<void> | null = null;
  #later: NodeJS.Timeout | null = null;

  constructor(room: PackedRoom, around: Pick<RoomSurroundings, "log" | "replay" | "report">) {
    this.#room = room;
    this.#around = around;
  }

  /** The answer to whoever knows nothing and reads packed states, to be sent as it comes; null where there is none. */
  async answer(): Promise<PackedState["messages"] | null> {
    const { state } = this.#room;
    await this.beReady();
    this.cutPiecesLater();
    if (!state.packed) return null;
    const { messages, since } = state.packed;
    const updates = since.from(0);
    if (since.byteLength >= packFromBytes) return [...messages, ...packUpdates(updates), ending(emptyUpdate)];
    return [...messages, ending(updates.length === 0 ? emptyUpdate : Y.mergeUpdates(updates))];
  }

  /** Have something to send. A single update that is too long to be sent as it is waits for the pieces. */
  async beReady(): Promise<void> {
    const { state } = this.#room;
    if (state.packed) return;
    const isTooLong = (part: Uint8Array) => part.length >= inPiecesFromBytes && !canBeCut(part);
    if (state.parts().some(isTooLong)) return this.cutPieces();
    this.#compress();
  }

  /** Nobody waits for these: whoever opens the room now is served first, and the processor theirs. */
  cutPiecesLater(fromBytes = 1): void {
    const { state } = this.#room;
    if (this.#later || this.#cutting || state.bytesOutsidePieces < fromBytes) return;
    const delayMs = state.bytes >= inPiecesFromBytes ? pauseOfLargeMs : 0;
    this.#later = setTimeout(() => {
      this.#later = null;
      void this.cutPieces(fromBytes);
    }, delayMs);
    this.#later.unref();
  }

  close(): void {
    if (this.#later) clearTimeout(this.#later);
    this.#later = null;
  }

  /** Make pieces, and keep them, where at least so many bytes stand in none. Resolves when that is done. */
  async cutPieces(fromBytes = 1): Promise<void> {
    if (!this.#cutting && this.#room.state.bytesOutsidePieces >= fromBytes) {
      this.#cutting = this.#cut().finally(() => {
        this.#cutting = null;
      });
    }
    await this.#cutting;
  }

  #compress(): void {
    const { state } = this.#room;
    const packing = state.beginPacking();
    const giveUp = (cause: unknown) => {
      state.giveUpPacking(packing);
      this.#report("packing failed", cause);
    };
    try {
      const messages = packUpdates(packing.parts);
      state.keepPacked({ ...packing, messages, inPieces: false });
      Promise.all(messages).catch(giveUp);
    } catch (cause) {
      giveUp(cause);
    }
  }

  async #cut(): Promise<void> {
    const { name, epoch, state, lastSeq } = this.#room;
    const packing = state.beginPacking();
    const seq = lastSeq();
    let pack: Pack;
    try {
      pack = await this.#around.replay.pack(packing.parts);
    } catch (cause) {
      state.giveUpPacking(packing);
      this.#report("packing failed", cause);
      return;
    }
    const messages = pack.pieces.map((piece) => packedMessage(2, piece));
    state.keepPacked({ ...packing, messages, inPieces: true });
    await this.#around.log
      .keepPacked(name, epoch, seq, encodePack(pack, packing.ofBytes))
      .catch((cause: unknown) => this.#report("packed state not kept", cause));
  }

  #report(event: string, cause: unknown): void {
    this.#around.report(event, { room: this.#room.name, cause: String(cause) });
  }
}

/** A large room's pieces take a thread seconds. */
const pauseOfLargeMs = 3_000;

const ending = (update: Uint8Array) => syncMessage(syncSteps.step2, update);
