import { randomInt } from "node:crypto";
import { createDecoder, readVarString, readVarUint, readVarUint8Array } from "lib0/decoding";
import * as Y from "yjs";
import { closeCodes } from "#core/protocol/close-codes.ts";
import { type ClientHello, messageTypes, type Refusal } from "#core/protocol/messages.ts";
import { protocolVersion } from "#core/protocol/version.ts";
import type { DocumentLog } from "#server/storage/document-log.ts";
import { ClientBindings } from "./client-bindings.ts";
import { CommitPipeline, type Submission } from "./commit-pipeline.ts";
import { EditBroadcast } from "./edit-broadcast.ts";
import type { RoomLimits } from "./limits.ts";
import { helloMessage, refusedMessage, syncMessage, syncSteps } from "./messages.ts";
import type { RoomMetrics } from "./metrics.ts";
import { PresenceBoard, readAwareness } from "./presence-board.ts";
import { refusals, storageTrouble } from "./refusals.ts";
import { RoomIndex, type Verdict } from "./room-index.ts";
import type { RoomSocket } from "./room-socket.ts";
import { RoomState } from "./room-state.ts";

export interface RoomSurroundings {
  readonly log: DocumentLog;
  readonly limits: RoomLimits;
  readonly metrics: RoomMetrics;
  readonly now: () => number;
  readonly report: (event: string, facts: Readonly<Record<string, unknown>>) => void;
}

/**
 * One room in memory. An update goes: decode → check → bind → commit → apply → broadcast → acknowledge; while one group
 * commits the next collects. Rules: PROTOCOL.md.
 */
export class Room {
  readonly name: string;
  readonly epoch: string;
  readonly sockets = new Set<RoomSocket>();
  readonly bindings: ClientBindings;
  readonly #around: RoomSurroundings;
  readonly #state: RoomState;
  readonly #presence: PresenceBoard;
  readonly #broadcast: EditBroadcast;
  readonly #commits: CommitPipeline;
  #index: RoomIndex;
  #folding = false;

  private constructor(
    name: string,
    contents: Awaited<ReturnType<DocumentLog["open"]>>,
    around: RoomSurroundings,
  ) {
    this.name = name;
    this.epoch = contents.epoch;
    this.#around = around;
    this.#commits = new CommitPipeline({
      room: { name, epoch: contents.epoch },
      lastSeq: contents.updates.at(-1)?.seq ?? contents.checkpoint?.seq ?? 0,
      log: around.log,
      metrics: around.metrics,
      now: around.now,
      publish: (group) => this.#publish(group),
      abandon: (lost, cause) => this.#abandon(lost, cause),
    });
    this.#state = new RoomState(
      contents.checkpoint?.bytes ?? null,
      contents.updates.map(({ bytes }) => bytes),
    );
    this.bindings = new ClientBindings(around.log, name, contents.bindings);
    this.#presence = new PresenceBoard(this.sockets, around.limits);
    this.#broadcast = new EditBroadcast(this.sockets, {
      metrics: around.metrics,
      windowMs: around.limits.joinWindowMs,
      now: around.now,
    });
    this.#index = this.#indexOfState();
  }

  static async open(name: string, around: RoomSurroundings): Promise<Room> {
    return new Room(name, await around.log.open(name), around);
  }

  // ── people coming and going

  join(socket: RoomSocket): void {
    this.sockets.add(socket);
    this.#askForStep2(socket);
    const everybody = this.#presence.everybody();
    if (everybody) socket.send(everybody);
  }

  leave(socket: RoomSocket): void {
    this.sockets.delete(socket);
    this.#presence.leave(socket);
  }

  /** One message of a socket. @throws where it cannot be decoded: the caller closes the socket */
  receive(socket: RoomSocket, message: Uint8Array): void {
    const decoder = createDecoder(message);
    switch (readVarUint(decoder)) {
      case messageTypes.sync:
        this.#receiveSync(socket, readVarUint(decoder), readVarUint8Array(decoder));
        return;
      case messageTypes.awareness:
        this.#receiveAwareness(socket, readVarUint8Array(decoder));
        return;
      case messageTypes.queryAwareness: {
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

  // ── the server's own reading and writing

  read<T>(read: (doc: Y.Doc) => T): T {
    return read(this.#state.document());
  }

  /** Write on somebody's behalf, under a fresh client id of theirs. */
  async writeAsServer(principalId: string, change: (doc: Y.Doc) => void): Promise<void> {
    const { doc, giveBack } = this.#state.takeDocument();
    doc.clientID = randomInt(1, 2 ** 32 - 1);
    const written: Uint8Array[] = [];
    const listen = (update: Uint8Array) => void written.push(update);
    doc.on("update", listen);
    try {
      doc.transact(() => change(doc));
    } finally {
      doc.off("update", listen);
    }
    if (written.length > 0) await this.#submitAsServer(principalId, Y.mergeUpdates(written));
    giveBack();
  }

  #submitAsServer(principalId: string, bytes: Uint8Array): Promise<void> {
    const { now, limits } = this.#around;
    const verdict = this.#index.judgeBytes(bytes, {
      principalId,
      ownerOf: (clientId) => this.bindings.ownerOf(clientId),
      isServer: true,
      maxClockJump: limits.maxClockJump,
    });
    if (verdict.type === "nothing-new") return Promise.resolve();
    if (verdict.type !== "new") {
      return Promise.reject(new Error(`The server's own update does not fit its room (${verdict.type}).`));
    }
    return new Promise((committed, failed) => {
      this.#submit(verdict, { bytes, principalId, receivedAtMs: now(), socket: null, committed, failed });
    });
  }

  /** Resolves once nothing waits for the disk. */
  quiet(): Promise<void> {
    return this.#commits.quiet();
  }

  /** Store the whole state, so that the next opening is one read. */
  async checkpoint(): Promise<void> {
    if (this.#folding || this.#state.tailUpdates === 0) return;
    this.#folding = true;
    try {
      const seq = this.#commits.lastSeq;
      await this.#around.log.checkpoint(this.name, seq, this.#state.fold());
    } catch (cause) {
      this.#around.report("checkpoint failed", { room: this.name, cause: String(cause) });
    } finally {
      this.#folding = false;
    }
  }

  close(): void {
    this.#broadcast.flush();
    this.#presence.close();
    this.#state.rest();
  }

  // ── messages

  #receiveSync(socket: RoomSocket, step: number, body: Uint8Array): void {
    if (step === syncSteps.step1) {
      // Checked here: a vector that is none must not end in a half-written answer.
      Y.decodeStateVector(body);
      socket.sendSynchronisation(this.#state.answerTo(body));
      return;
    }
    if (step !== syncSteps.step2 && step !== syncSteps.update)
      throw new Error("a sync step that does not exist");
    const frame = socket.ledger.receive();
    if (body.length > this.#around.limits.maxUpdateBytes) {
      this.#refuse(socket, refusals.size(this.#around.limits.maxUpdateBytes, body.length));
      return;
    }
    const verdict = this.#judge(socket, body);
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
        this.#takeIn(socket, verdict, { body, frame, isStep2 });
    }
  }

  #takeIn(
    socket: RoomSocket,
    verdict: Extract<Verdict, { type: "new" }>,
    {
      body,
      frame,
      isStep2,
    }: { readonly body: Uint8Array; readonly frame: number; readonly isStep2: boolean },
  ): void {
    const { limits, now } = this.#around;
    const { principalId } = socket.principal;
    const introduced = this.bindings.introducedLately(principalId, now()) + verdict.newClients.length;
    if (verdict.newClients.length > 0 && introduced > limits.newClientIdsPerHour) {
      this.#refuse(socket, refusals.tooManyDocuments(limits.newClientIdsPerHour));
      return;
    }
    if (this.#state.bytes + body.length > limits.maxRoomBytes) {
      this.#refuse(socket, refusals.roomFull(limits.maxRoomBytes));
      return;
    }
    socket.frameSubmitted(body.length);
    this.#submit(verdict, {
      // Its own memory: what ws hands over is a slice of a larger buffer.
      bytes: new Uint8Array(body),
      principalId,
      receivedAtMs: now(),
      socket,
      committed: () => {
        this.#finish(socket, frame, isStep2);
        socket.frameSettled(body.length);
      },
      failed: () => {
        socket.close(
          closeCodes.later,
          "The server could not store this edit; it stays with you and is sent again.",
        );
        socket.frameSettled(body.length);
      },
    });
  }

  #judge(socket: RoomSocket, body: Uint8Array): Verdict {
    return this.#index.judgeBytes(body, {
      principalId: socket.principal.principalId,
      ownerOf: (clientId) => this.bindings.ownerOf(clientId),
      isServer: false,
      maxClockJump: this.#around.limits.maxClockJump,
    });
  }

  #receiveAwareness(socket: RoomSocket, body: Uint8Array): void {
    for (const entry of readAwareness(body)) {
      // A stock provider also sends back the states of others: whatever is not this socket's own is passed over.
      if (socket.presenceClientId === null && !this.#takePresence(socket, entry.clientId)) continue;
      if (entry.clientId !== socket.presenceClientId) continue;
      if (this.bindings.isStoring(entry.clientId)) {
        void this.bindings
          .bind(entry.clientId, socket.principal.principalId, this.#around.now())
          .then((own) => void (own && !socket.ended && this.#presence.show(entry, socket)));
      } else if (!this.#presence.show(entry, socket)) {
        this.#around.metrics.droppedAwareness++;
      }
    }
  }

  /** Make this the id the socket shows itself under, if it is its person's and no other window's. */
  #takePresence(socket: RoomSocket, clientId: number): boolean {
    const { principalId } = socket.principal;
    const owner = this.bindings.ownerOf(clientId);
    if ((owner !== undefined && owner !== principalId) || this.#presence.isTaken(clientId, socket))
      return false;
    if (owner === undefined && this.#hasTooManyIds(principalId)) return false;
    socket.presenceClientId = clientId;
    void this.bindings.bind(clientId, principalId, this.#around.now());
    return true;
  }

  #hasTooManyIds(principalId: string): boolean {
    const { limits, now } = this.#around;
    return this.bindings.introducedLately(principalId, now()) >= limits.newClientIdsPerHour;
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
    if (hello.epoch !== null && hello.epoch !== this.epoch) {
      this.#refuse(socket, refusals.epoch);
      return;
    }
    const { principalId } = socket.principal;
    const owner = this.bindings.ownerOf(hello.clientId);
    if (owner !== undefined && owner !== principalId) {
      this.#refuse(socket, refusals.author);
      return;
    }
    if (owner === undefined && this.#hasTooManyIds(principalId)) {
      this.#refuse(socket, refusals.tooManyDocuments(this.#around.limits.newClientIdsPerHour));
      return;
    }
    if (socket.presenceClientId === null) this.#takePresence(socket, hello.clientId);
    void this.bindings.bind(hello.clientId, principalId, this.#around.now());
    socket.send(helloMessage({ protocolVersion, epoch: this.epoch, principalId, mayWrite: socket.mayWrite }));
    socket.acknowledge();
  }

  /** Send a step 1, unless one is still unanswered: then what is missing is already on its way. */
  #askForStep2(socket: RoomSocket): void {
    if (socket.awaitsStep2) return;
    socket.awaitsStep2 = true;
    socket.send(syncMessage(syncSteps.step1, this.#index.encodeStateVector()));
  }

  /** A frame that needed no commit of its own: what it repeats may still be on its way to the disk. */
  #settle(socket: RoomSocket, frame: number, isStep2: boolean): void {
    this.#commits.follow({
      committed: () => this.#finish(socket, frame, isStep2),
      failed: () => socket.close(closeCodes.later, storageTrouble),
    });
  }

  #finish(socket: RoomSocket, frame: number, isStep2: boolean): void {
    // A whole synchronisation holds everything this socket sent before it, also what was passed over for a gap.
    if (isStep2) socket.ledger.finishUpTo(frame);
    else socket.ledger.finish(frame);
    socket.acknowledge();
  }

  /** Final for this copy. What was submitted before is committed and acknowledged first, so that "refused" is exact. */
  #refuse(socket: RoomSocket, { code, what }: Refusal): void {
    this.#around.metrics.refusals++;
    this.#around.report("refused", { room: this.name, principalId: socket.principal.principalId, code });
    socket.stopReading(() => {
      if (socket.saidHello) socket.send(refusedMessage({ code, what }));
      socket.close(closeCodes.copyRefused, what);
    });
  }

  // ── the way to the disk

  #submit(
    verdict: Extract<Verdict, { type: "new" }>,
    update: Omit<Submission, "touched" | "newClients">,
  ): void {
    verdict.accept();
    this.bindings.claim(verdict.newClients, update.principalId, this.#around.now());
    this.#commits.submit({ ...update, touched: verdict.touched, newClients: verdict.newClients });
  }

  #publish(group: readonly Submission[]): void {
    const { metrics, limits } = this.#around;
    for (const { bytes, socket, receivedAtMs } of group) {
      this.#state.push(bytes);
      this.#broadcast.add(bytes, socket, receivedAtMs);
      metrics.committedUpdates++;
      metrics.committedBytes += bytes.length;
    }
    this.#broadcast.schedule();
    const { tailUpdates, tailBytes } = this.#state;
    if (tailUpdates >= limits.checkpointAfterUpdates || tailBytes >= limits.checkpointAfterBytes) {
      void this.checkpoint();
    }
  }

  /** Forget what was accepted since the last commit; those who sent it send it again. */
  #abandon(lost: readonly Submission[], cause: unknown): void {
    this.#around.report("commit failed", { room: this.name, updates: lost.length, cause: String(cause) });
    for (const { newClients } of lost) this.bindings.forget(newClients);
    this.#index = this.#indexOfState();
  }

  #indexOfState(): RoomIndex {
    return RoomIndex.of(this.#state.parts(), (verdict) =>
      this.#around.report("stored update does not fit", { room: this.name, verdict }),
    );
  }
}
