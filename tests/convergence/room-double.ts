import * as Y from "yjs";
import { type AnnotationDocument, openAnnotationDocument } from "#core/document/annotation-document.ts";
import { createRandom, type Random } from "#core/random/generator.ts";

/** A peer and the two queues between it and the room. Nothing moves until a test flushes it. */
interface Peer {
  readonly document: AnnotationDocument;
  readonly toRoom: Uint8Array[];
  readonly fromRoom: Uint8Array[];
}

/** A room and its peers over in-memory socket pairs that the test flushes by hand: every interleaving can be played. */
export class RoomDouble {
  /** What the server holds. */
  readonly room = new Y.Doc();
  readonly peers: readonly Peer[];
  readonly random: Random;

  constructor(peers: number, seed: number) {
    this.random = createRandom(seed);
    this.room.clientID = 1_000_000 + Math.floor(this.random() * 1_000);
    this.peers = Array.from({ length: peers }, (_, index) => this.#join(index));
    this.room.on("update", (update: Uint8Array, origin: unknown) => {
      for (const peer of this.peers) if (peer !== origin) peer.fromRoom.push(update);
    });
  }

  document(index: number): AnnotationDocument {
    return this.peers[index]!.document;
  }

  /** What the peer has sent arrives at the server. */
  flushUp(index: number): void {
    const peer = this.peers[index]!;
    for (const update of peer.toRoom.splice(0)) Y.applyUpdate(this.room, update, peer);
  }

  /** What the server has sent arrives at the peer. */
  flushDown(index: number): void {
    const peer = this.peers[index]!;
    for (const update of peer.fromRoom.splice(0)) Y.applyUpdate(peer.document.doc, update, "room");
  }

  /** Everything arrives everywhere. */
  settle(): void {
    for (const index of this.peers.keys()) this.flushUp(index);
    for (const index of this.peers.keys()) this.flushDown(index);
  }

  /** What each replica shows, the server's last: equal once settled, and equal to a decoding from nothing. */
  views(): string[] {
    const shown = this.peers.map(({ document }) => view(document));
    const server = openAnnotationDocument(this.room);
    const fresh = new Y.Doc();
    Y.applyUpdate(fresh, Y.encodeStateAsUpdate(this.room));
    return [...shown, view(server), view(openAnnotationDocument(fresh))];
  }

  #join(index: number): Peer {
    const doc = new Y.Doc();
    doc.clientID = 100 + index;
    const peer: Peer = {
      document: openAnnotationDocument(doc, { random: this.random }),
      toRoom: [],
      fromRoom: [],
    };
    doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== "room") peer.toRoom.push(update);
    });
    return peer;
  }
}

function view(document: AnnotationDocument): string {
  const sorted = <Value>(entries: Iterable<[string, Value]>) =>
    [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([
    sorted(document.annotations()),
    sorted(document.deletedAnnotations()),
    document
      .invalid()
      .map(({ id }) => id)
      .sort(),
  ]);
}
