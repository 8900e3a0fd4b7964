import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { openAnnotationSession } from "#client/session/annotation-session.ts";
import type { ConnectionState } from "#client/session/connection-state.ts";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { createRandom } from "#core/random/generator.ts";
import type { NewAnnotation } from "#core/schema/annotation.ts";
import type { Append, Batch, DocumentLog } from "#server/storage/document-log.ts";
import { MemoryDocumentLog } from "#server/storage/memory/memory-document-log.ts";
import { StorageError } from "#server/storage/storage-error.ts";
import type { RoomLimits } from "#server/sync/limits.ts";
import { RoomServer } from "#server/sync/room-server.ts";
import { Cable } from "#tests/e2e/cable.ts";
import { listen } from "#tests/server/sync/running-server.ts";
import { square } from "#tests/server/sync/square.ts";
import { reaches, until } from "./session-states.ts";

/**
 * What the screen says of the connection, against a real room server behind a bad cable. The test knows what is on the
 * disk at any moment; a session that says "saved" with anything missing there has lied.
 */

/** Far shorter than in a browser, and far longer than a busy machine stops for. */
const patience = { silenceMs: 1_000, openMs: 500 };
const random = createRandom(Number(process.env.SEED ?? 11));
const integer = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));

class Disk extends MemoryDocumentLog implements DocumentLog {
  /** What is on it, as a document: moves on in the moment in which a commit is done. */
  readonly contents = new Y.Doc();
  full = false;
  refusals = 0;
  delayMs = 0;

  override async append(batch: Batch): Promise<readonly number[]> {
    const entries: readonly Append[] = typeof batch === "function" ? batch() : batch;
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    if (this.full) {
      this.refusals++;
      throw new StorageError("full", "The data folder's disk is full.");
    }
    const seqs = await super.append(entries);
    for (const { bytes } of entries) Y.applyUpdate(this.contents, bytes);
    return seqs;
  }

  marks(): ReadonlySet<string> {
    const document = openAnnotationDocument(this.contents);
    const ids = new Set(document.annotations().keys());
    document.close();
    return ids;
  }
}

let disk: Disk;
let rooms: RoomServer;
let port: number;
let cable: Cable;
const closing: (() => Promise<void>)[] = [];

async function startRooms(limits: Partial<RoomLimits> = {}): Promise<void> {
  rooms = new RoomServer({
    log: disk,
    limits: { keepAliveMs: 50, ...limits },
    authorise: async () => ({
      ...{ admit: true, mayWrite: true },
      principal: { principalId: "person-ana", name: "Ana", colour: "#224466" },
    }),
  });
  const { url, stop } = await listen(rooms);
  port = Number(new URL(url).port);
  closing.unshift(stop);
}

beforeEach(async () => {
  disk = new Disk();
  cable = await Cable.plug(() => port);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await cable.remove();
});

/** A session whose every state is checked in the moment in which it is shown. */
function open() {
  const session = openAnnotationSession({
    ...{ micrographId: "micrograph1", principalId: "person-ana", localCopy: false, patience },
    serverUrl: `ws://127.0.0.1:${cable.port}`,
  });
  const states: ConnectionState["state"][] = [];
  const lies: string[] = [];
  const drawn: string[] = [];
  session.connection.subscribe((state) => {
    states.push(state.state);
    if (state.state !== "saved") return;
    const stored = disk.marks();
    lies.push(...drawn.filter((id) => !stored.has(id)));
  });
  closing.push(() => session.close());
  const draw = (annotation: NewAnnotation = square) => {
    const id = `m${drawn.length}`;
    drawn.push(id);
    session.document.execute({ type: "create", id, annotation });
    return id;
  };
  return { session, states, lies, drawn, draw };
}

/** Part of what the cable does, not a time to hope in. */
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("the state of the connection is true", () => {
  it("stays at saving for as long as the server's word is on its way", async () => {
    await startRooms();
    const { session, states, lies, draw } = open();
    await reaches(session, "saved");
    cable.delayMs = 150;
    const before = states.length;
    draw();
    expect(session.connection.getState()).toEqual({ state: "saving", waiting: 1 });
    await expect.poll(() => disk.marks().size).toBe(1);
    // On the disk, and not said yet: that is no reason to promise.
    expect(session.connection.getState().state).toBe("saving");
    await reaches(session, "saved");
    expect([states.slice(before), lies]).toEqual([["saving", "saved"], []]);
  });

  it("stays at saving for as long as the disk is slow, and does not take a slow disk for a dead line", async () => {
    await startRooms();
    const { session, states, lies, draw } = open();
    await reaches(session, "saved");
    disk.delayMs = 2 * patience.silenceMs;
    const before = states.length;
    draw();
    await reaches(session, "saved");
    expect([states.slice(before), lies]).toEqual([["saving", "saved"], []]);
  });

  it("does not take a machine that stood still for a dead line", async () => {
    await startRooms();
    const { session, states, lies, draw } = open();
    await reaches(session, "saved");
    const before = states.length;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1.5 * patience.silenceMs);
    draw();
    await reaches(session, "saved");
    expect([states.slice(before), cable.connections, lies]).toEqual([["saving", "saved"], 1, []]);
  });

  it("says offline of a line that has died without a word, since the last word, and sends when it is back", async () => {
    await startRooms();
    const { session, states, lies, draw, drawn } = open();
    await reaches(session, "saved");
    draw();
    await reaches(session, "saved");
    cable.swallow();
    const deadSinceMs = Date.now();
    draw();
    expect(session.connection.getState().state).toBe("saving");
    const state = await reaches(session, "offline");
    if (state.state !== "offline") throw new Error("unreachable");
    expect(Date.now() - deadSinceMs).toBeLessThan(patience.silenceMs + 5_000);
    expect(state.waiting).toBe(1);
    expect(Math.abs(state.sinceMs - deadSinceMs)).toBeLessThan(patience.silenceMs / 2);
    // Also what connects anew meanwhile hangs: it is tried again and again, and nothing is said to be saved.
    const before = states.length;
    draw();
    const connections = cable.connections + 3;
    await expect.poll(() => cable.connections).toBeGreaterThanOrEqual(connections);
    expect(new Set(states.slice(before))).toEqual(new Set(["offline"]));
    cable.mend();
    await reaches(session, "saved");
    expect([[...disk.marks()], lies]).toEqual([drawn, []]);
  });

  it("says since when the server cannot store, keeps the edits, and resumes by itself", async () => {
    await startRooms();
    const { session, states, lies, draw, drawn } = open();
    await reaches(session, "saved");
    disk.full = true;
    const before = states.length;
    draw();
    expect(await reaches(session, "not-stored")).toMatchObject({ waiting: 1 });
    draw();
    // Two more attempts, each with a line that is up and edits that are sent: still nothing is saved or being saved.
    await until(session.connection, (now) => now.state === "not-stored" && now.waiting === 2);
    const attempts = disk.refusals + 2;
    await expect.poll(() => disk.refusals).toBeGreaterThanOrEqual(attempts);
    expect([...new Set(states.slice(before))]).toEqual(["saving", "not-stored"]);
    expect(disk.marks().size).toBe(0);
    disk.full = false;
    await reaches(session, "saved");
    expect([[...disk.marks()].sort(), lies]).toEqual([drawn, []]);
    expect(session.rescues.getState().rescues).toEqual([]);
  });

  it("refuse the tenth of 20 updates, then draw 100 more: nothing of it is saved, and the rescue holds exactly what is missing", async () => {
    await startRooms({ maxUpdateBytes: 2_000 });
    const { session, states, drawn, draw } = open();
    await reaches(session, "saved");
    const refused = session.document;
    const points = Array.from({ length: 2_000 }, (_, i) => [i * 3, (i * i) % 977] as const);
    const large = { ...square, rings: [{ ...square.rings[0]!, points }] };
    const before = states.length;
    for (let i = 0; i < 20; i++) draw(i === 9 ? large : square);
    for (let i = 0; i < 100; i++) draw();
    const state = await reaches(session, "refused");
    expect(state).toMatchObject({ code: "size" });
    expect(states.slice(before)).not.toContain("saved");
    await until(session.rescues, ({ rescues }) => (rescues[0]?.marks().length ?? 0) > 0);
    // What came before the refused one is on the disk; it and all after it are in the rescue, none in both.
    const stored = disk.marks();
    expect([...stored]).toEqual(drawn.slice(0, 9));
    const rescued = () =>
      session.rescues
        .getState()
        .rescues.flatMap((rescue) => rescue.marks().map(({ annotation }) => annotation.id));
    expect(rescued().sort()).toEqual(drawn.filter((id) => !stored.has(id)).sort());
    expect(session.document).not.toBe(refused);
    expect([...session.document.annotations().keys()]).toEqual(drawn.slice(0, 9));
    // Work goes on: what is drawn now is saved, and the refusal still stands.
    const missing = rescued().sort();
    for (let i = 0; i < 100; i++)
      session.document.execute({ type: "create", id: `later${i}`, annotation: square });
    await until(session.connection, (now) => now.state === "refused" && now.since.state === "saved");
    expect(disk.marks().size).toBe(109);
    expect(rescued().sort()).toEqual(missing);
    expect(states.slice(before)).not.toContain("saved");
    // Without what is too large, all of it can be brought in.
    session.rescues.getState().rescues[0]!.download();
    await session.rescues.getState().rescues[0]!.discard();
    await reaches(session, "saved");
  });

  it("never says saved of what is not on the disk, whatever the cable does", async () => {
    await startRooms();
    const { session, states, lies, drawn, draw } = open();
    await reaches(session, "saved");
    for (let round = 0; round < 24; round++) {
      const fate = round % 5;
      cable.delayMs = integer(0, 40);
      cable.cutAfterBytes = Number.POSITIVE_INFINITY;
      disk.delayMs = integer(0, 15);
      for (let i = integer(1, 6); i > 0; i--) {
        draw();
        if (integer(0, 1) === 1) await pause(integer(0, 20));
      }
      if (fate === 0) cable.cutAfterBytes = integer(1, 2_000);
      if (fate === 1) cable.unplug();
      if (fate === 2) cable.swallow();
      if (fate === 3) {
        // Only an edit that gets there meets the full disk.
        session.reconnect();
        await reaches(session, "saved");
        disk.full = true;
      }
      draw();
      await pause(integer(0, 120));
      if (fate === 2 && integer(0, 1) === 1) await reaches(session, "offline");
      if (fate === 3) await reaches(session, "not-stored");
      disk.full = false;
      cable.cutAfterBytes = Number.POSITIVE_INFINITY;
      cable.replug();
      cable.mend();
      if (integer(0, 2) === 0) {
        session.reconnect();
        await reaches(session, "saved");
      }
    }
    session.reconnect();
    await reaches(session, "saved");
    expect(lies).toEqual([]);
    expect([...disk.marks()].sort()).toEqual([...drawn].sort());
    // The walk met what it was made for.
    for (const state of ["saved", "saving", "offline", "not-stored"] as const)
      expect(states).toContain(state);
    expect(session.rescues.getState().rescues).toEqual([]);
  });

  it("goes on with a server that was started anew on the same data", async () => {
    await startRooms();
    const { session, lies, drawn, draw } = open();
    await reaches(session, "saved");
    draw();
    await reaches(session, "saved");
    await rooms.close();
    await reaches(session, "offline");
    draw();
    await startRooms();
    session.reconnect();
    await reaches(session, "saved");
    expect([[...disk.marks()], lies]).toEqual([drawn, []]);
  });
});
