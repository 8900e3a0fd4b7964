import { randomInt } from "node:crypto";
import * as Y from "yjs";
import type { Report } from "#server/report.ts";
import type { DocumentLog, RoomContents } from "#server/storage/document-log.ts";
import { ClientBindings } from "./client-bindings.ts";
import { CommitPipeline, type Follower, type Submission } from "./commit-pipeline.ts";
import { GrowingIndex } from "./growing-index.ts";
import type { RoomLimits } from "./limits.ts";
import { LiveCount } from "./live-count.ts";
import { stateVector, syncMessage, syncSteps, webSocketFrame } from "./messages.ts";
import type { RoomMetrics } from "./metrics.ts";
import { openPack } from "./opened-pack.ts";
import { inPiecesFromBytes } from "./packed-state.ts";
import type { Replay } from "./replay.ts";
import { RoomIndex, type Verdict } from "./room-index.ts";
import { RoomPacks } from "./room-packs.ts";
import { RoomState } from "./room-state.ts";
import type { ServerEdit, ServerEditResult } from "./server-edit.ts";
import type { SharedWindow } from "./shared-window.ts";
import { bindingsOf } from "./socket-edit.ts";

export interface RoomSurroundings {
  readonly log: DocumentLog;
  readonly replay: Replay;
  readonly limits: RoomLimits;
  readonly metrics: RoomMetrics;
  /** In which presence travels, all rooms' together. */
  readonly presenceWindow: SharedWindow;
  readonly now: () => number;
  readonly report: Report;
}

/** Whoever opened the room has been answered by then. */
const readOnAfterMs = 1_500;

type NewEdit = Extract<Verdict, { type: "new" }>;

/**
 * What a room holds, and the only way into it: judge → bind → commit → apply. It knows no sockets; whoever shows the room
 * to people is told of each committed group.
 */
export class RoomDocument {
  readonly name: string;
  readonly epoch: string;
  readonly bindings: ClientBindings;
  readonly #around: RoomSurroundings;
  readonly #state: RoomState;
  readonly #commits: CommitPipeline;
  #lastWrite: Promise<unknown> = Promise.resolve();
  readonly #committed: (group: readonly Submission[]) => void;
  readonly #packs: RoomPacks;
  readonly #live: LiveCount;
  #index: GrowingIndex;
  /** How far each client had written when the room was opened; needed while the index is still being read. */
  #openedWith: ReadonlyMap<number, number> = new Map();
  readonly #closed = new AbortController();
  readonly #ownerOf = (clientId: number) => this.bindings.ownerOf(clientId);
  #checkpointing: Promise<void> | null = null;
  /** Accepted and not yet on disk. */
  #bytesUnderway = 0;

  private constructor(
    name: string,
    contents: Awaited<ReturnType<DocumentLog["open"]>>,
    around: RoomSurroundings,
    committed: (group: readonly Submission[]) => void,
  ) {
    this.name = name;
    this.epoch = contents.epoch;
    this.#around = around;
    this.#committed = committed;
    this.#commits = new CommitPipeline({
      lastSeq: contents.updates.at(-1)?.seq ?? contents.checkpoint?.seq ?? 0,
      log: around.log,
      metrics: around.metrics,
      now: around.now,
      publish: (group) => this.#apply(group),
      abandon: (lost, cause) => this.#abandon(lost, cause),
    });
    this.#state = new RoomState(
      contents.checkpoint?.bytes ?? null,
      contents.updates.map(({ bytes }) => bytes),
    );
    this.bindings = new ClientBindings(around.log, name, contents.bindings);
    this.#packs = new RoomPacks(
      { name, epoch: this.epoch, state: this.#state, lastSeq: () => this.lastSeq },
      around,
    );
    this.#live = new LiveCount({
      replay: around.replay,
      contents: () => ({ parts: this.parts(), seq: this.lastSeq }),
      mostRecords: around.limits.maxRecords,
      failed: (cause) => around.report("marks not counted", { room: name, cause: String(cause) }),
    });
    this.#index = this.#indexOfPacked(contents.packed) ?? this.#indexOfState();
    this.#lookAtQuota();
  }

  /** @param committed is told of each group once it is on disk and applied */
  static async open(
    name: string,
    around: RoomSurroundings,
    committed: (group: readonly Submission[]) => void,
  ): Promise<RoomDocument> {
    const contents = await around.log.open(name);
    for (const what of contents.damage ?? []) around.report("damage", { room: name, what });
    return new RoomDocument(name, contents, around, committed);
  }

  // ── reading

  /** With what waits for the disk. */
  get bytes(): number {
    return this.#state.bytes + this.#bytesUnderway;
  }

  /** Marks that count for the quota, waiting commits included. */
  get records(): number {
    return this.#live.of(this.#knownIndex().records);
  }

  /** Sequence number of the last update on disk. */
  get lastSeq(): number {
    return this.#commits.lastSeq;
  }

  /** Something was committed since the last whole state. */
  get hasUncheckpointed(): boolean {
    return this.#state.tailUpdates > 0;
  }

  /** The committed content, as bytes in the order to apply. */
  parts(): readonly Uint8Array[] {
    return this.#state.parts();
  }

  read<T>(read: (doc: Y.Doc) => T): T {
    return read(this.#state.document());
  }

  /** The answer to a step 1. @throws where `vector` is no state vector */
  answerTo(vector: Uint8Array): readonly Uint8Array[] {
    // Checked here: a vector that is none must not end in a half-written answer.
    Y.decodeStateVector(vector);
    return this.#state.answerTo(vector);
  }

  /** The answer to whoever knows nothing and reads packed states, to be sent as it comes; null where there is none. */
  packedAnswer(): ReturnType<RoomPacks["answer"]> {
    return this.#packs.answer();
  }

  /** Have the room packed, and kept so, for the next who opens it. */
  async prepareOpening(): Promise<void> {
    await this.#packs.cutPieces();
  }

  /** State vector with what waits for the disk: what a step 1 of ours says. */
  stateVector(): Uint8Array {
    // Nothing is accepted before the index is whole.
    return this.#index.isWhole ? this.#knownIndex().encodeStateVector() : stateVector(this.#openedWith);
  }

  // ── writing

  judge(bytes: Uint8Array, principalId: string, isServer = false): Verdict {
    // What a fresh document answers: no reason to read on in a hurry.
    if (bytes.length === 2 && bytes[0] === 0 && bytes[1] === 0) return { type: "nothing-new" };
    return this.#knownIndex().judgeBytes(bytes, {
      principalId,
      ownerOf: this.#ownerOf,
      isServer,
      maxClockJump: this.#around.limits.maxClockJump,
    });
  }

  /** Take what was judged new: it is known from now on, and on disk when it is told so. */
  submit(verdict: NewEdit, edit: Submission): void {
    verdict.accept();
    this.#bytesUnderway += edit.bytes.length;
    if (edit.newClients.length > 0) this.bindings.claim(edit.newClients, edit.principalId, edit.receivedAtMs);
    this.#commits.submit(edit);
  }

  /** Be told once everything submitted so far is on disk; at once where it is. */
  follow(follower: Follower): void {
    this.#commits.follow(follower);
  }

  /**
   * Write on somebody's behalf, under a fresh client id of theirs. One after another: what a change looks up before it
   * writes (a free name, an id that is taken) is true when it is on disk.
   */
  write(principalId: string, change: (doc: Y.Doc) => void): Promise<void> {
    const written = this.#lastWrite.then(() => this.#write(principalId, change));
    this.#lastWrite = written.catch(() => undefined);
    return written;
  }

  async #write(principalId: string, change: (doc: Y.Doc) => void): Promise<void> {
    const { doc, giveBack, letGo } = this.#state.takeDocument();
    doc.clientID = randomInt(1, 2 ** 32 - 1);
    const written: Uint8Array[] = [];
    const listen = (update: Uint8Array) => void written.push(update);
    doc.on("update", listen);
    try {
      doc.transact(() => change(doc));
      doc.off("update", listen);
      const update = written.length > 0 ? Y.mergeUpdates(written) : null;
      if (update) await this.submitAsServer(principalId, update);
      giveBack(update);
    } catch (cause) {
      letGo();
      throw cause;
    }
  }

  /**
   * The same for an edit given as data: worked out where it stalls nobody, however much it is.
   * @throws DomainError as the edit has it; nothing is changed then
   */
  async carryOut<Edit extends ServerEdit>(principalId: string, edit: Edit): Promise<ServerEditResult<Edit>> {
    for (let attempts = 1; ; attempts++) {
      const clientId = randomInt(1, 2 ** 32 - 1);
      const { update, result } = await this.#around.replay.write(this.parts(), clientId, edit);
      if (!update) return result;
      const verdict = this.judge(update, principalId, edit.type === "restore");
      // Marks have come under the same ids meanwhile: it is worked out anew, so that it replaces none.
      if (verdict.type === "refused" && attempts < 3) continue;
      await this.#submitJudged(verdict, principalId, update);
      return result;
    }
  }

  /**
   * Commit an update of the server's own.
   * @param touched what history notes; by default the marks it reaches
   * @throws where it does not fit the room
   */
  submitAsServer(principalId: string, bytes: Uint8Array, touched?: readonly string[]): Promise<void> {
    return this.#submitJudged(this.judge(bytes, principalId, true), principalId, bytes, touched);
  }

  #submitJudged(
    verdict: Verdict,
    principalId: string,
    bytes: Uint8Array,
    touched?: readonly string[],
  ): Promise<void> {
    if (verdict.type === "nothing-new") return Promise.resolve();
    if (verdict.type !== "new") {
      return Promise.reject(new Error(`The server's own update does not fit its room (${verdict.type}).`));
    }
    return new Promise((committed, failed) => {
      const { newClients } = verdict;
      this.submit(verdict, {
        ...{ room: this.name, epoch: this.epoch, bytes, principalId, receivedAtMs: this.#around.now() },
        ...{ touched: touched ?? verdict.touched, newClients, bind: bindingsOf(newClients, principalId) },
        ...{ socket: null, frame: webSocketFrame(syncMessage(syncSteps.update, bytes)), followers: null },
        ...{ committed, failed },
      });
    });
  }

  // ── lasting

  /** Resolves once nothing waits for the disk. */
  quiet(): Promise<void> {
    return this.#commits.quiet();
  }

  /** Store the whole state, so that the next opening is one read. */
  checkpoint(): Promise<void> {
    this.#checkpointing ??= this.#checkpoint().finally(() => {
      this.#checkpointing = null;
    });
    return this.#checkpointing;
  }

  async #checkpoint(): Promise<void> {
    const covered = this.#state.tailUpdates;
    if (covered === 0) return;
    try {
      const seq = this.#commits.lastSeq;
      const whole = await this.#around.replay.fold(this.#state.parts());
      await this.#around.log.checkpoint(this.name, seq, whole);
      this.#state.rebase(whole, covered);
    } catch (cause) {
      this.#around.report("checkpoint failed", { room: this.name, cause: String(cause) });
    }
  }

  /** A room that has grown by much is stored whole, and packed once it no longer grows so fast. */
  async #keepUp(): Promise<void> {
    // What is one whole state afterwards could not be sent before it is cut.
    if (this.bytes >= inPiecesFromBytes) await this.#packs.beReady();
    while (this.#hasLongTail && !this.#closed.signal.aborted) {
      const before = this.#state.tailUpdates;
      await this.checkpoint();
      // The disk takes nothing: with the next update it is tried again.
      if (this.#state.tailUpdates >= before) return;
    }
    if (!this.#closed.signal.aborted) this.#packs.cutPiecesLater(inPiecesFromBytes);
  }

  get #hasLongTail(): boolean {
    const { tailUpdates, tailBytes } = this.#state;
    const { checkpointAfterUpdates, checkpointAfterBytes } = this.#around.limits;
    return tailUpdates >= checkpointAfterUpdates || tailBytes >= checkpointAfterBytes;
  }

  /** Let the Y.Doc go, and what is read ahead. */
  rest(): void {
    this.#closed.abort();
    this.#packs.close();
    this.#state.rest();
  }

  #apply(group: readonly Submission[]): void {
    const { metrics } = this.#around;
    for (const { bytes } of group) {
      this.#state.push(bytes);
      this.#bytesUnderway -= bytes.length;
      metrics.committedUpdates++;
      metrics.committedBytes += bytes.length;
    }
    this.#committed(group);
    this.#lookAtQuota();
    if (this.#hasLongTail && !this.#checkpointing) void this.#keepUp();
  }

  /** Forget what was accepted since the last commit; those who sent it send it again. */
  #abandon(lost: readonly Submission[], cause: unknown): void {
    const ids = [...new Set(lost.flatMap(({ socket }) => socket?.requestId ?? []))];
    const facts = { ids, room: this.name, updates: lost.length, cause: String(cause) };
    this.#around.report("commit failed", facts);
    for (const { newClients, bytes } of lost) {
      this.bindings.forget(newClients);
      this.#bytesUnderway -= bytes.length;
    }
    this.#index = this.#indexOfState();
  }

  /** Near it, what was deleted is counted before somebody draws: it makes room. */
  #lookAtQuota(): void {
    if (this.#index.isWhole) this.#live.of(this.#knownIndex().records);
  }

  #knownIndex(): RoomIndex {
    try {
      return this.#index.whole();
    } catch (cause) {
      this.#distrustPacked(cause);
      return this.#index.whole();
    }
  }

  #indexOfState(): GrowingIndex {
    const read = (part: Uint8Array) => (index: RoomIndex) =>
      RoomIndex.extend(index, part, (verdict) =>
        this.#around.report("stored update does not fit", { room: this.name, verdict }),
      );
    const index = new GrowingIndex(this.#state.parts().map(read));
    index.whole();
    return index;
  }

  /** Where the room is kept packed: it can be sent at once, and the index is read from the pieces while nobody needs it. */
  #indexOfPacked(kept: RoomContents["packed"]): GrowingIndex | null {
    if (!kept) return null;
    try {
      const { packed, clocks, index } = openPack(kept);
      this.#openedWith = clocks;
      this.#state.keepPacked(packed);
      index.readOn(readOnAfterMs, this.#closed.signal).catch((cause: unknown) => {
        if (this.#index === index && !this.#closed.signal.aborted) this.#distrustPacked(cause);
      });
      return index;
    } catch (cause) {
      this.#reportDamaged(cause);
      return null;
    }
  }

  /** The log has everything: nothing is lost, and the next packing takes the damaged one's place. */
  #distrustPacked(cause: unknown): void {
    this.#reportDamaged(cause);
    const { packed } = this.#state;
    if (packed) this.#state.giveUpPacking(packed);
    this.#index = this.#indexOfState();
  }

  #reportDamaged(cause: unknown): void {
    this.#around.report("packed state damaged", { room: this.name, cause: String(cause) });
  }
}
