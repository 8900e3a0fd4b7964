import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as elapsed } from "node:timers/promises";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type * as Y from "yjs";
import { type CloseCode, closeCodes } from "#core/protocol/close-codes.ts";
import type { Report } from "#server/report.ts";
import type { DocumentLog } from "#server/storage/document-log.ts";
import { type Authorise, roomOf } from "./admission.ts";
import { readWholeFrames } from "./frame-reader.ts";
import { defaultLimits, type RoomLimits } from "./limits.ts";
import { awarenessMessage, webSocketFrame } from "./messages.ts";
import { RoomMetrics } from "./metrics.ts";
import { OpenRooms } from "./open-rooms.ts";
import { type Parts, type Replay, replayHere } from "./replay.ts";
import { type Revocation, Revocations } from "./revocations.ts";
import type { Room } from "./room.ts";
import { closePolitely, RoomSocket } from "./room-socket.ts";
import type { ServerEdit } from "./server-edit.ts";

export interface RoomServerPorts {
  readonly log: DocumentLog;
  readonly authorise: Authorise;
  /** Where rooms are replayed; by default in this thread. */
  readonly replay?: Replay;
  /** Milliseconds since 1970; by default Date.now. */
  readonly now?: () => number;
  readonly limits?: Partial<RoomLimits>;
  /** The id under which the upgrade stands in the log; reports of what comes over its socket carry it as `id`. */
  readonly requestIdOf?: (request: IncomingMessage) => string;
  /** What went wrong inside, for the log; by default nothing is written. */
  readonly report?: Report;
}

/** What a quiet socket is sent: an awareness message about nobody. */
const keepAlive = webSocketFrame(awarenessMessage([]));

const wrongMessage = 1007;

/** Sockets in rooms, over y-websocket's protocol; the rules are numbered in PROTOCOL.md. */
export class RoomServer {
  readonly metrics = new RoomMetrics();
  readonly #ports: RoomServerPorts;
  readonly #limits: RoomLimits;
  readonly #now: () => number;
  readonly #report: NonNullable<RoomServerPorts["report"]>;
  readonly #revocations = new Revocations();
  readonly #rooms: OpenRooms;
  readonly #sockets = new Map<RoomSocket, string>();
  readonly #socketsOf = new Map<string, number>();
  readonly #pulse: NodeJS.Timeout;
  readonly #webSockets: WebSocketServer;
  #lastPingMs: number;
  #closing = false;

  constructor(ports: RoomServerPorts) {
    this.#ports = ports;
    this.#limits = { ...defaultLimits, ...ports.limits };
    this.#now = ports.now ?? Date.now;
    this.#report = ports.report ?? (() => {});
    this.#rooms = new OpenRooms({
      log: ports.log,
      replay: ports.replay ?? replayHere,
      limits: this.#limits,
      metrics: this.metrics,
      now: this.#now,
      report: this.#report,
    });
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: this.#limits.maxFrameBytes,
    });
    this.#lastPingMs = this.#now();
    this.#pulse = setInterval(() => this.#beat(), Math.max(10, Math.floor(this.#limits.keepAliveMs / 5)));
    this.#pulse.unref();
  }

  /**
   * Take over an HTTP upgrade of `/sync/<room>`. Origin has been checked by the caller; every other refusal is said here,
   * by accepting and closing.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      // Without a listener a malformed frame would end the process.
      webSocket.on("error", () => webSocket.terminate());
      webSocket.pause();
      this.#admit(request, socket, webSocket).catch((cause: unknown) => {
        this.#report("admission failed", { id: this.#ports.requestIdOf?.(request), cause: String(cause) });
        closePolitely(
          webSocket,
          closeCodes.later,
          "The room cannot be opened now.",
          this.#limits.closeGraceMs,
        );
      });
    });
  }

  /** Write in a room on somebody's behalf: a fresh client id bound to them, on disk and sent to all when it resolves. */
  async writeAsServer(room: string, principalId: string, change: (doc: Y.Doc) => void): Promise<void> {
    await this.#rooms.holding(room, (held) => held.document.write(principalId, change));
  }

  /** The same for thousands of marks: worked out in a thread, while others draw. @throws DomainError as the edit has it */
  async editAsServer<Edit extends ServerEdit>(room: string, principalId: string, edit: Edit) {
    return this.#rooms.holding(room, (held) => held.document.carryOut(principalId, edit));
  }

  /** Read a room as committed. `read` must not change the document. */
  async readDocument<T>(room: string, read: (doc: Y.Doc) => T): Promise<T> {
    return this.#rooms.holding(room, (held) => held.document.read(read));
  }

  /** The same in bytes, for whoever reads it in a thread. */
  async readParts(room: string): Promise<Parts> {
    return this.#rooms.holding(room, (held) => held.document.parts());
  }

  /**
   * Open a room that nobody has open, for the upkeep that comes with leaving it.
   * @returns false, and nothing is done, where it is open or was tidied lately
   */
  visit(name: string): Promise<boolean> {
    return this.#rooms.visit(name);
  }

  /**
   * Close this person's open sockets in these rooms: at once nothing more is read from or sent to them.
   * @param closeCode 4403 for whoever is out; 4408 for whoever has other rights now and comes back with them
   */
  revoke(
    principalId: string,
    rooms: readonly string[] | "all",
    closeCode: CloseCode = closeCodes.noRight,
  ): void {
    const names = rooms === "all" ? null : new Set(rooms);
    this.#revoke({
      concerns: (entrant) => entrant.principalId === principalId && (names?.has(entrant.room) ?? true),
      closeCode,
      reason:
        closeCode === closeCodes.noRight
          ? "You have no access to this room any more. Ask an owner of the project."
          : "Your rights in this room have changed; connecting anew.",
    });
  }

  /** Close every socket that was opened by this session or token. */
  revokeCredential(credential: string): void {
    this.#revoke({
      concerns: (entrant) => entrant.credential === credential,
      closeCode: closeCodes.signIn,
      reason: "You have been signed out.",
    });
  }

  /** The sessions and tokens by which sockets are open. */
  credentials(): ReadonlySet<string> {
    return new Set([...this.#sockets.keys()].flatMap(({ credential }) => credential ?? []));
  }

  /** Different people with an open socket in any of these rooms. */
  onlineCount(rooms: readonly string[]): number {
    const people = new Set<string>();
    for (const [socket, room] of this.#sockets) {
      if (rooms.includes(room) && !socket.ended) people.add(socket.principal.principalId);
    }
    return people.size;
  }

  /** Which person each Yjs client id of the room belongs to. */
  async authors(room: string): Promise<ReadonlyMap<number, string>> {
    return this.#rooms.holding(room, (held) => new Map(held.document.bindings.all()));
  }

  /** Stop: flush what is committing, close every socket with 1012, store states whole. At most 5 s. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    clearInterval(this.#pulse);
    this.#rooms.stopUnloading();
    const orderly = async () => {
      const rooms = await this.#rooms.all();
      for (const room of rooms) for (const socket of room.sockets) socket.stopReading(() => {});
      await Promise.all(rooms.map((room) => room.document.quiet()));
      for (const room of rooms) {
        room.close();
        for (const socket of room.sockets) socket.close(closeCodes.restart, "The server restarts.");
      }
      for (const room of rooms) await room.document.checkpoint();
      for (const room of rooms) await room.document.prepareOpening();
    };
    await Promise.race([orderly(), elapsed(4_000, undefined, { ref: false })]);
    await Promise.race([this.#allGone(), elapsed(1_000, undefined, { ref: false })]);
    for (const socket of this.#sockets.keys()) socket.webSocket.terminate();
    this.#rooms.forgetAll();
  }

  async #admit(request: IncomingMessage, raw: Duplex, webSocket: WebSocket): Promise<void> {
    const refuse = (code: CloseCode, reason: string) =>
      closePolitely(webSocket, code, reason, this.#limits.closeGraceMs);
    const name = roomOf(request);
    if (name === undefined) return refuse(closeCodes.noRoom, "There is no such room.");
    if (this.#closing) return refuse(closeCodes.restart, "The server restarts.");
    const lookUp = this.#revocations.begin();
    let socket: RoomSocket;
    try {
      const admission = await this.#ports.authorise(request, name);
      if (!admission.admit) return refuse(admission.closeCode, admission.reason);
      if (this.#closing) return refuse(closeCodes.restart, "The server restarts.");
      const { principalId } = admission.principal;
      const revoked = lookUp.revoked({ principalId, credential: admission.credential, room: name });
      if (revoked) return refuse(revoked.closeCode, revoked.reason);
      const open = this.#socketsOf.get(principalId) ?? 0;
      if (open >= this.#limits.maxSocketsPerPrincipal) {
        return refuse(closeCodes.quota, `You have ${open} connections open; close some windows.`);
      }
      if (webSocket.readyState !== webSocket.OPEN) return;
      const { metrics } = this;
      const requestId = this.#ports.requestIdOf?.(request);
      const surroundings = { limits: this.#limits, metrics, now: this.#now, requestId };
      socket = new RoomSocket(webSocket, raw, admission, surroundings);
      this.#sockets.set(socket, name);
      this.#socketsOf.set(principalId, open + 1);
      this.#count();
    } finally {
      lookUp.end();
    }
    await this.#enter(name, socket);
  }

  async #enter(name: string, socket: RoomSocket): Promise<void> {
    const { webSocket } = socket;
    const { principalId } = socket.principal;
    const entered = this.#rooms.hold(name);
    webSocket.once("close", () => {
      this.#sockets.delete(socket);
      const left = (this.#socketsOf.get(principalId) ?? 1) - 1;
      if (left > 0) this.#socketsOf.set(principalId, left);
      else this.#socketsOf.delete(principalId);
      this.#count();
      entered.then((room) => room.leave(socket)).catch(() => undefined);
      this.#rooms.release(name);
    });
    const room = await entered;
    if (socket.ended) return;
    webSocket.on("pong", () => void (socket.heardLately = true));
    webSocket.on("message", (data, isBinary) => this.#receive(room, socket, data, isBinary));
    readWholeFrames(webSocket, this.#limits.maxFrameBytes, (message) => {
      if (!socket.isDeaf) this.#receive(room, socket, message, true);
    });
    room.join(socket);
    webSocket.resume();
  }

  #revoke(revocation: Revocation): void {
    this.#revocations.note(revocation);
    for (const [socket, room] of this.#sockets) {
      const { principal, credential } = socket;
      if (revocation.concerns({ principalId: principal.principalId, credential, room }))
        socket.close(revocation.closeCode, revocation.reason);
    }
  }

  #receive(room: Room, socket: RoomSocket, data: RawData, isBinary: boolean): void {
    if (socket.ended) return;
    socket.heardLately = true;
    if (!isBinary) {
      socket.close(wrongMessage, "Expected a binary message of the y-websocket protocol.");
      return;
    }
    try {
      room.receive(socket, data as Buffer);
    } catch (cause) {
      this.#report("unreadable message", { id: socket.requestId, room: room.name, cause: String(cause) });
      socket.close(wrongMessage, "Expected a message of the y-websocket protocol; this one cannot be read.");
    }
  }

  /** Keep quiet sockets alive, and find dead ones: who has said something since the last look is not asked. */
  #beat(): void {
    const now = this.#now();
    const looks = now - this.#lastPingMs >= this.#limits.pingMs;
    if (looks) this.#lastPingMs = now;
    for (const socket of this.#sockets.keys()) {
      if (socket.ended) continue;
      if (now - socket.lastSentMs >= this.#limits.keepAliveMs) socket.write(keepAlive);
      // A socket that we have stopped reading cannot answer.
      if (!looks || socket.webSocket.isPaused) continue;
      if (socket.heardLately) {
        socket.heardLately = socket.isAsked = false;
      } else if (socket.isAsked) {
        socket.webSocket.terminate();
      } else {
        socket.isAsked = true;
        socket.webSocket.ping();
      }
    }
  }

  #count(): void {
    this.metrics.sockets = this.#sockets.size;
    this.metrics.people = this.#socketsOf.size;
  }

  #allGone(): Promise<void> {
    return Promise.all(
      [...this.#sockets.keys()].map(
        ({ webSocket }) => new Promise<void>((resolve) => webSocket.once("close", () => resolve())),
      ),
    ).then(() => undefined);
  }
}
