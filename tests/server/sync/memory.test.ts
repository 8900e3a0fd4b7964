import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import * as Y from "yjs";
import { patienceMs } from "#tests/patience.ts";
import { temporaryFolder } from "../storage/temporary-folder.ts";
import { draw, marksOf, recordUpdates } from "./marks.ts";
import { RawClient } from "./raw-client.ts";
import type { RoomProcessState } from "./room-process.ts";
import { stockProvider, synced } from "./running-server.ts";

const mebibyte = 2 ** 20;

async function start(idleRoomMs: number) {
  const child: ChildProcess = fork(
    join(import.meta.dirname, "room-process.ts"),
    [await temporaryFolder(), String(idleRoomMs)],
    {
      execArgv: [...process.execArgv, "--expose-gc"],
      stdio: "inherit",
      // What is free goes back to the system at once, so that RSS counts what is held and not the allocator's reserves.
      env: {
        ...process.env,
        MALLOC_ARENA_MAX: "2",
        MALLOC_MMAP_THRESHOLD_: "65536",
        MALLOC_TRIM_THRESHOLD_: "131072",
      },
    },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  return {
    url: `ws://127.0.0.1:${port}/sync`,
    /** @param collected with the garbage of every thread collected first */
    async state(collected = false): Promise<RoomProcessState> {
      const answer = once(child, "message");
      child.send(collected ? "collected" : "as it is");
      return (await answer)[0] as RoomProcessState;
    },
  };
}

/** About 200 kB of marks, written and left again. */
async function visit(url: string, room: string): Promise<void> {
  const doc = new Y.Doc();
  const updates = recordUpdates(doc);
  doc.transact(() => {
    for (let i = 0; i < 100; i++) draw(doc, `mark-${i}`, { name: "x".repeat(2_000) });
  });
  const client = await RawClient.connect(url, room, "as=anna");
  client.hello({ clientId: doc.clientID });
  client.sync(2, updates[0]!);
  await client.hears("ack", ({ frames }) => frames === 1);
  client.socket.terminate();
  doc.destroy();
}

it("P53 R7 200 rooms of 200 kB opened, written and left: the server's memory is as before", {
  timeout: 180_000,
}, async () => {
  const server = await start(20);
  const round = async (name: string, count: number) => {
    const walk = async (from: number) => {
      for (let i = from; i < count; i += 4)
        await visit(server.url, `micrograph:${name}${1000 + i}:annotations`);
    };
    await Promise.all([0, 1, 2, 3].map(walk));
    await vi.waitFor(async () => expect((await server.state()).rooms).toBe(0), patienceMs);
  };
  // What any work brings along (code, caches) is there before the counting starts.
  await round("warming", 100);
  const before = await server.state(true);
  await round("visited", 200);
  const after = await server.state(true);
  const [from, to] = [before, after].map(({ rssBytes }) => rssBytes / mebibyte) as [number, number];
  console.info(`200 rooms left: RSS ${from.toFixed(0)} → ${to.toFixed(0)} MiB`);
  expect(after.committedUpdates).toBe(300);
  expect(to - from).toBeLessThan(30);
});

it("P42 R7 a reader that does not read never has 8 MiB waiting on the server, is cut, and comes back whole", {
  timeout: 180_000,
}, async () => {
  const server = await start(30_000);
  const room = "micrograph:abcdefgh:annotations";
  const slow = await RawClient.connect(server.url, room, "as=slow");
  await slow.hears("step1");
  slow.socket.pause();
  const writer = await RawClient.connect(server.url, room, "as=anna");
  const doc = new Y.Doc();
  const updates = recordUpdates(doc);
  writer.hello({ clientId: doc.clientID });
  const before = await server.state();
  let sent = 0;
  let state = before;
  while (state.cutReaders === 0 && sent < 300) {
    // The same mark's name over and over: live data stays at 1 MB while 1 MB travels each time.
    if (sent === 0) draw(doc, "mark", { name: "x".repeat(mebibyte) });
    else
      marksOf(doc)
        .get("mark")!
        .set("name", String(sent % 10).repeat(mebibyte));
    writer.sync(2, updates.at(-1)!);
    sent++;
    await writer.hears("ack", ({ frames }) => frames >= sent);
    state = await server.state();
  }
  console.info(
    `reader cut after ${sent} MiB; most unsent ${(state.mostUnsentBytes / mebibyte).toFixed(1)} MiB, ` +
      `RSS ${(before.rssBytes / mebibyte).toFixed(0)} → ${(state.rssBytes / mebibyte).toFixed(0)} MiB`,
  );
  expect(state.cutReaders).toBe(1);
  expect(state.mostUnsentBytes).toBeGreaterThan(4 * mebibyte);
  expect(state.mostUnsentBytes).toBeLessThan(8 * mebibyte);
  await vi.waitFor(async () => expect((await server.state()).sockets).toBe(1), patienceMs);
  const back = stockProvider(server.url, room, { as: "slow" });
  await synced(back.provider);
  expect(marksOf(back.doc).toJSON()).toEqual(marksOf(doc).toJSON());
});
