import { createDecoder, readVarString, readVarUint, readVarUint8Array } from "lib0/decoding";
import { closeCodes } from "#core/protocol/close-codes.ts";
import { type ClientHello, messageTypes, type Refusal } from "#core/protocol/messages.ts";
import { protocolVersion } from "#core/protocol/version.ts";
import { broadcastEdits } from "./edit-broadcast.ts";
import { type AwarenessEntry, helloMessage, refusedMessage, syncMessage, syncSteps } from "./messages.ts";
import { packFromBytes } from "./packed-state.ts";
import { PresenceBoard, readAwareness } from "./presence-board.ts";
import { refusals, storageTrouble } from "./refusals.ts";
import { RoomDocument, type RoomSurroundings } from "./room-document.ts";
import type { Verdict } from "./room-index.ts";
import type { RoomSocket } from "./room-socket.ts";
import { SocketEdit, type SyncFrame } from "./socket-edit.ts";

/** One room in memory: its document, the people in it, and what they say to each other. Rules: PROTOCOL.md. */
export class Room {
  readonly name: string;
  readonly document: RoomDocument;
  readonly sockets: ReadonlySet<RoomSocket>;
  readonly #sockets: Set<RoomSocket>;
  readonly #around: RoomSurroundings;
  readonly #presence: PresenceBoard;

  private constructor(document: RoomDocument, sockets: Set<RoomSocket>, around: RoomSurroundings) {
    this.name = document.name;
    this.document = document;
    this.sockets = this.#sockets = sockets;
    this.#around = around;
    this.#presence = new PresenceBoard(sockets, around.limits, around.presenceWindow);
  }

  static async open(name: string, around: RoomSurroundings): Promise<Room> {
    const sockets = new Set<RoomSocket>();
    const { metrics, now } = around;
    const document = await RoomDocument.open(name, around, (group) =>
      broadcastEdits(group, sockets, metrics, now()),
    );
    return new Room(document, sockets, around);
  }

  // ── people coming and going

  join(socket: RoomSocket): void {
    this.#sockets.add(socket);
    this.#askForStep2(socket);
    const everybody = this.#presence.everybody();
    if (everybody) socket.send(everybody);
  }

  leave(socket: RoomSocket): void {
    socket.synchronisations.close();
    this.#sockets.delete(socket);
    this.#presence.leave(socket);
  }

  /** One message of a socket. @throws where it cannot be decoded: the caller closes the socket */
  receive(socket: RoomSocket, message: Uint8Array): void {
    const decoder = createDecoder(message);
    switch (readVarUint(decoder)) {
      case messageTypes.sync:
        this.#receiveSync(socket, message, readVarUint(decoder), readVarUint8Array(decoder));
        return;
      case messageTypes.awareness:
        if (socket.mayShowPresence()) this.#receiveAwareness(socket, readVarUint8Array(decoder));
        else this.#around.metrics.droppedAwareness++;
        return;
      case messageTypes.queryAwareness: {
        if (!socket.mayShowPresence()) return;
        const everybody = this.#presence.everybody();
        if (everybody) socket.send(everybody);
        return;
      }
      case messageTypes.hello:
        this.#receiveHello(socket, JSON.parse(readVarString(decoder)) as ClientHello);
        return;
      case messageTypes.auth:
        return;
      default:
        throw new Error("a message type that this protocol does not have");
    }
  }

  close(): void {
    this.#presence.close();
    this.document.rest();
  }

  // ── messages

  #receiveSync(socket: RoomSocket, message: Uint8Array, step: number, body: Uint8Array): void {
    if (step === syncSteps.step1) {
      socket.synchronisations.ask(body, (vector) => {
        if (!socket.ended) this.#answer(socket, vector);
      });
      return;
    }
    if (step !== syncSteps.step2 && step !== syncSteps.update)
      throw new Error("a sync step that does not exist");
    const frame = socket.ledger.receive();
    if (body.length > this.#around.limits.maxUpdateBytes) {
      this.#refuse(socket, refusals.size(this.#around.limits.maxUpdateBytes, body.length));
      return;
    }
    const verdict = this.document.judge(body, socket.principal.principalId);
    const isStep2 = step === syncSteps.step2;
    if (isStep2) socket.awaitsStep2 = false;
    switch (verdict.type) {
      case "nothing-new":
        this.#settle(socket, frame, isStep2);
        return;
      case "gap":
        if (socket.mayWrite) this.#askForStep2(socket);
        else this.#refuse(socket, refusals.role);
        return;
      case "refused":
        this.#refuse(socket, verdict);
        return;
      case "new":
        if (!socket.mayWrite) {
          // A stock provider answers every step 1 with all deletions it knows: no attempt to write.
          if (isStep2 && !verdict.hasNewStructs) this.#settle(socket, frame, isStep2);
          else this.#refuse(socket, refusals.role);
          return;
        }
        this.#takeIn(socket, verdict, { message, body, frame, isStep2 });
    }
  }

  #answer(socket: RoomSocket, vector: Uint8Array): void {
    const knowsNothing = vector.length === 1 && vector[0] === 0;
    const plainly = () => socket.sendSynchronisation(this.document.answerTo(vector));
    if (!knowsNothing || !socket.acceptsPacked || this.document.bytes < packFromBytes) {
      plainly();
      return;
    }
    this.#answerPacked(socket).then((isAnswered) => isAnswered || plainly(), plainly);
  }

  /** Edits of the others that overtake it wait in the client's document until it comes. @returns false where there is none */
  async #answerPacked(socket: RoomSocket): Promise<boolean> {
    const messages = await this.document.packedAnswer();
    if (!messages) return false;
    // What is there goes in one write.
    let ready: Uint8Array[] = [];
    for (const message of messages) {
      if (message instanceof Promise && ready.length > 0) {
        socket.sendSynchronisation(ready);
        ready = [];
      }
      ready.push(await message);
      if (socket.ended) return true;
    }
    socket.sendSynchronisation(ready);
    return true;
  }

  #takeIn(socket: RoomSocket, verdict: Extract<Verdict, { type: "new" }>, received: SyncFrame): void {
    const { limits, now } = this.#around;
    const { document } = this;
    const nowMs = now();
    if (verdict.newClients.length > 0) {
      const { principalId } = socket.principal;
      const introduced = document.bindings.introducedLately(principalId, nowMs) + verdict.newClients.length;
      if (introduced > limits.newClientIdsPerHour) {
        this.#refuse(socket, refusals.tooManyDocuments(limits.newClientIdsPerHour));
        return;
      }
    }
    if (document.bytes + received.body.length > limits.maxRoomBytes) {
      this.#refuse(socket, refusals.roomFull(limits.maxRoomBytes));
      return;
    }
    const { records } = document;
    if (verdict.newRecords > 0 && records + verdict.newRecords > limits.maxRecords) {
      this.#refuse(socket, refusals.tooManyMarks(limits.maxRecords, records, verdict.newRecords));
      return;
    }
    socket.frameSubmitted(received.body.length);
    document.submit(verdict, new SocketEdit(socket, received, document, verdict, nowMs));
  }

  #receiveAwareness(socket: RoomSocket, body: Uint8Array): void {
    for (const entry of readAwareness(body)) {
      // A stock provider also sends back the states of others: whatever is not this socket's own is passed over.
      if (socket.presenceClientId === null && !this.#takePresence(socket, entry.clientId)) continue;
      if (entry.clientId !== socket.presenceClientId) continue;
      if (this.document.bindings.isStoring(entry.clientId)) {
        void this.document.bindings
          .bind(entry.clientId, socket.principal.principalId, this.#around.now())
          .then((own) => void (own && !socket.ended && this.#show(entry, socket)));
      } else {
        this.#show(entry, socket);
      }
    }
  }

  #show(entry: AwarenessEntry, socket: RoomSocket): void {
    if (!this.#presence.show(entry, socket)) this.#around.metrics.droppedAwareness++;
  }

  /** Make this the id the socket shows itself under, if it is its person's and no other window's. */
  #takePresence(socket: RoomSocket, clientId: number): boolean {
    const { principalId } = socket.principal;
    const owner = this.document.bindings.ownerOf(clientId);
    if ((owner !== undefined && owner !== principalId) || this.#presence.isTaken(clientId, socket))
      return false;
    if (owner === undefined && this.#hasTooManyIds(principalId)) return false;
    socket.presenceClientId = clientId;
    void this.document.bindings.bind(clientId, principalId, this.#around.now());
    return true;
  }

  #hasTooManyIds(principalId: string): boolean {
    const { limits, now } = this.#around;
    return this.document.bindings.introducedLately(principalId, now()) >= limits.newClientIdsPerHour;
  }

  #receiveHello(socket: RoomSocket, hello: ClientHello): void {
    if (
      typeof hello !== "object" ||
      hello === null ||
      !Number.isSafeInteger(hello.clientId) ||
      hello.clientId < 0
    ) {
      throw new Error("a hello without a client id");
    }
    if (hello.protocolVersion !== protocolVersion) {
      socket.close(
        closeCodes.protocolVersion,
        `This page speaks version ${hello.protocolVersion}, the server ${protocolVersion}: reload it. Edits are kept.`,
      );
      return;
    }
    socket.saidHello = true;
    socket.acceptsPacked = Array.isArray(hello.accepts) && hello.accepts.includes("packed");
    if (hello.epoch !== null && hello.epoch !== this.document.epoch) {
      this.#refuse(socket, refusals.epoch);
      return;
    }
    const { principalId } = socket.principal;
    const owner = this.document.bindings.ownerOf(hello.clientId);
    if (owner !== undefined && owner !== principalId) {
      this.#refuse(socket, refusals.author);
      return;
    }
    if (owner === undefined && this.#hasTooManyIds(principalId)) {
      this.#refuse(socket, refusals.tooManyDocuments(this.#around.limits.newClientIdsPerHour));
      return;
    }
    if (socket.presenceClientId === null) this.#takePresence(socket, hello.clientId);
    void this.document.bindings.bind(hello.clientId, principalId, this.#around.now());
    socket.send(
      helloMessage({ protocolVersion, epoch: this.document.epoch, principalId, mayWrite: socket.mayWrite }),
    );
    socket.acknowledge();
  }

  /** Send a step 1, unless one is still unanswered: then what is missing is already on its way. */
  #askForStep2(socket: RoomSocket): void {
    if (socket.awaitsStep2) return;
    socket.awaitsStep2 = true;
    socket.send(syncMessage(syncSteps.step1, this.document.stateVector()));
  }

  /** A frame that needed no commit of its own: what it repeats may still be on its way to the disk. */
  #settle(socket: RoomSocket, frame: number, isStep2: boolean): void {
    this.document.follow({
      committed: () => socket.finish(frame, isStep2),
      failed: () => socket.close(closeCodes.later, storageTrouble),
    });
  }

  /** Final for this copy. What was submitted before is committed and acknowledged first, so that "refused" is exact. */
  #refuse(socket: RoomSocket, { code, what }: Refusal): void {
    this.#around.metrics.refusals++;
    const { requestId: id, principal } = socket;
    this.#around.report("refused", { id, room: this.name, principalId: principal.principalId, code });
    socket.stopReading(() => {
      if (socket.saidHello) socket.send(refusedMessage({ code, what }));
      socket.close(closeCodes.copyRefused, what);
    });
  }
}
