// A real server process for the kill test: the embedded store and the room server, nothing else. It says its port.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { openEmbeddedStore } from "#server/storage/embedded/embedded-store.ts";
import { RoomServer } from "#server/sync/room-server.ts";

const [dataDir, port = "0"] = process.argv.slice(2);
const store = await openEmbeddedStore({ dataDir: dataDir!, migrations: [] });
const rooms = new RoomServer({
  log: store.documentLog,
  authorise: async (request) => {
    const name = new URL(request.url ?? "/", "http://localhost").searchParams.get("as") ?? "anna";
    return { admit: true, principal: { principalId: name, name, colour: "#224466" }, mayWrite: true };
  },
});
const http = createServer();
http.on("upgrade", (request, socket, head) => rooms.handleUpgrade(request, socket, head));
http.listen(Number(port), "127.0.0.1", () => process.send!({ port: (http.address() as AddressInfo).port }));

// Orderly end, as the real process has it.
process.on("SIGTERM", async () => {
  await rooms.close();
  await store.close();
  process.exit(0);
});
