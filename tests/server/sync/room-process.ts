// Rooms on the embedded store in a process of their own, without HTTP around them: what is measured here is theirs.
// It says its port, and answers every message with what it takes up. Run with --expose-gc.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Worker } from "node:worker_threads";
import { openEmbeddedStore } from "#server/storage/embedded/embedded-store.ts";
import { RoomServer } from "#server/sync/room-server.ts";

/** What the process says of itself when asked. */
export interface RoomProcessState {
  readonly rssBytes: number;
  readonly rooms: number;
  readonly sockets: number;
  readonly committedUpdates: number;
  readonly cutReaders: number;
  /** The most that any socket held unsent so far, sampled as often as the loop turns. */
  readonly mostUnsentBytes: number;
}

const threads: Worker[] = [];
process.on("worker", (worker) => void threads.push(worker));

const [dataDir, idleRoomMs = "30000"] = process.argv.slice(2);
const store = await openEmbeddedStore({ dataDir: dataDir!, migrations: [] });
const rooms = new RoomServer({
  log: store.documentLog,
  limits: { idleRoomMs: Number(idleRoomMs) },
  authorise: async (request) => {
    const name = new URL(request.url ?? "/", "http://localhost").searchParams.get("as") ?? "anna";
    return { admit: true, principal: { principalId: name, name, colour: "#224466" }, mayWrite: true };
  },
});

const raws = new Set<{ readonly writableLength: number }>();
let mostUnsentBytes = 0;
const http = createServer();
http.on("upgrade", (request, socket, head) => {
  raws.add(socket);
  socket.once("close", () => raws.delete(socket));
  // Looked at after each write, where it is highest.
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  socket.write = ((...args: unknown[]) => {
    const written = write(...args);
    mostUnsentBytes = Math.max(mostUnsentBytes, socket.writableLength);
    return written;
  }) as typeof socket.write;
  rooms.handleUpgrade(request, socket, head);
});
http.listen(0, "127.0.0.1", () => process.send!({ port: (http.address() as AddressInfo).port }));

/** Collects the garbage of every thread: this one's on command, another's as a snapshot of its heap begins with it. */
async function collect(): Promise<void> {
  for (const thread of threads) {
    const snapshot = await thread.getHeapSnapshot();
    for await (const _ of snapshot);
  }
  // "last-resort": gives back to the system what it frees.
  globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" } as never);
}

process.on("message", async (question) => {
  if (question === "collected") await collect();
  const { rooms: open, sockets, committedUpdates, cutReaders } = rooms.metrics;
  const rssBytes = process.memoryUsage.rss();
  const state: RoomProcessState = {
    ...{ rssBytes, rooms: open, sockets, committedUpdates, cutReaders, mostUnsentBytes },
  };
  process.send!(state);
});

process.on("SIGTERM", async () => {
  await rooms.close();
  await store.close();
  process.exit(0);
});
