// The server of the sync bench, in a process of its own so that its processor time is its own: real store, real fsync.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { openEmbeddedStore } from "#server/storage/embedded/embedded-store.ts";
import { RoomServer } from "#server/sync/room-server.ts";
import { keepObjectsYoung } from "#server/young-objects.ts";

// As `serve` does.
keepObjectsYoung();
const store = await openEmbeddedStore({ dataDir: process.argv[2]!, migrations: [] });
const rooms = new RoomServer({
  log: store.documentLog,
  authorise: async (request) => {
    const name = new URL(request.url ?? "/", "http://localhost").searchParams.get("as") ?? "anna";
    return { admit: true, principal: { principalId: name, name, colour: "#224466" }, mayWrite: true };
  },
});
const http = createServer();
http.on("upgrade", (request, socket, head) => rooms.handleUpgrade(request, socket, head));
http.listen(0, "127.0.0.1", () => process.send!({ port: (http.address() as AddressInfo).port }));

process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send!({ cpuS: (user + system) / 1e6, rssMb: process.memoryUsage.rss() / 2 ** 20 });
});
process.on("disconnect", () => process.exit(0));
