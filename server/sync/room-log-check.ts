import { gunzipSync } from "node:zlib";
import * as Y from "yjs";
import { decodePiece, decodeUpdate } from "./decoded-update.ts";
import { decodePack } from "./kept-pack.ts";
import { RoomIndex } from "./room-index.ts";

/**
 * Reads a room's log from its beginning as the server would, and says what does not fit: an update that cannot be read
 * or builds on something missing, and a whole state that lacks what the updates before it brought.
 */
export class RoomLogCheck {
  readonly faults: string[] = [];
  readonly #room: string;
  #index = RoomIndex.of([], () => {});

  constructor(room: string) {
    this.#room = room;
  }

  /** @param damage what its checksum says of the entry that comes next, if that is not as it was written */
  changed(damage: string | undefined): void {
    if (damage !== undefined) this.#fault(damage);
  }

  update(seq: number, bytes: Uint8Array): void {
    this.#take(`update ${seq}`, bytes);
  }

  /** @param startsEpoch it need not hold what came before */
  wholeState(seq: number, bytes: Uint8Array, startsEpoch: boolean): void {
    const before = Y.decodeStateVector(this.#index.encodeStateVector());
    this.#index = RoomIndex.of([], () => {});
    this.#take(`the whole state at ${seq}`, bytes);
    if (startsEpoch) return;
    const now = Y.decodeStateVector(this.#index.encodeStateVector());
    for (const [client, clock] of before) {
      if ((now.get(client) ?? 0) < clock)
        this.#fault(`the whole state at ${seq} lacks what client ${client} wrote before it`);
    }
  }

  /** The state as it is kept for opening: it says what the log has said up to there, or is of no use. */
  packed(seq: number, bytes: Uint8Array): void {
    const index = RoomIndex.of([], () => {});
    try {
      for (const piece of decodePack(bytes).pieces)
        RoomIndex.extend(index, decodePiece(gunzipSync(piece)), (verdict) => {
          throw new Error(`a piece does not fit: ${verdict}`);
        });
      if (!sameClocks(index, this.#index)) throw new Error("it is not what the log says");
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      this.#fault(
        `the state packed at ${seq} is damaged (${why}); the log has all of it, and it is packed anew`,
      );
    }
  }

  #take(what: string, bytes: Uint8Array): void {
    try {
      decodeUpdate(bytes);
    } catch (cause) {
      this.#fault(`${what} cannot be read (${cause instanceof Error ? cause.message : String(cause)})`);
      return;
    }
    RoomIndex.extend(this.#index, bytes, (verdict) => this.#fault(`${what} does not fit (${verdict})`));
  }

  #fault(what: string): void {
    this.faults.push(`room ${this.#room}: ${what}`);
  }
}

function sameClocks(a: RoomIndex, b: RoomIndex): boolean {
  const [ours, theirs] = [a, b].map((index) => Y.decodeStateVector(index.encodeStateVector()));
  return ours!.size === theirs!.size && [...ours!].every(([client, clock]) => theirs!.get(client) === clock);
}
