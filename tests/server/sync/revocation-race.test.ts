import { expect, it, onTestFinished, vi } from "vitest";
import { MemoryDocumentLog } from "#server/storage/memory/memory-document-log.ts";
import { RoomServer } from "#server/sync/room-server.ts";
import { patienceMs } from "#tests/patience.ts";
import { RawClient } from "./raw-client.ts";
import { admitByQuery, listen } from "./running-server.ts";

const room = "micrograph:abcdefgh:annotations";

/** A server whose look-up of who comes in has read the rights and is held until it is let go. */
async function startHeld() {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const lookUp = vi.fn();
  const rooms = new RoomServer({
    log: new MemoryDocumentLog(),
    async authorise(request) {
      const admission = await admitByQuery(request);
      lookUp();
      await held;
      return admission.admit ? { ...admission, credential: "session-1" } : admission;
    },
  });
  const { url, stop } = await listen(rooms);
  onTestFinished(stop);
  const client = await RawClient.connect(url, room, "as=rita");
  await vi.waitFor(() => expect(lookUp).toHaveBeenCalledTimes(1), patienceMs);
  return { rooms, client, letGo };
}

it.each([
  ["the right", 4403, (rooms: RoomServer) => rooms.revoke("p-rita", [room])],
  ["all rights", 4403, (rooms: RoomServer) => rooms.revoke("p-rita", "all")],
  ["another right", 4408, (rooms: RoomServer) => rooms.revoke("p-rita", [room], 4408)],
  ["the session", 4401, (rooms: RoomServer) => rooms.revokeCredential("session-1")],
])(
  "P52 losing %s while one is being looked up closes the socket with %i before it has seen anything",
  async (_, code, revoke) => {
    const { rooms, client, letGo } = await startHeld();
    revoke(rooms);
    letGo();
    expect((await client.hears("closed")).code).toBe(code);
    expect(client.heard.map(({ type }) => type)).toEqual(["closed"]);
  },
);

it("P52 what somebody else loses meanwhile, or one in another room, keeps nobody out", async () => {
  const { rooms, client, letGo } = await startHeld();
  rooms.revoke("p-ben", "all");
  rooms.revoke("p-rita", ["micrograph:otherone:annotations"]);
  rooms.revokeCredential("session-2");
  letGo();
  await client.hears("step1");
  rooms.revoke("p-rita", [room]);
  const { code, reason } = await client.hears("closed");
  expect([code, reason]).toEqual([4403, expect.stringContaining("no access to this room any more")]);
});

it("P54 whoever is being looked up when the server stops is told that it restarts", async () => {
  const { rooms, client, letGo } = await startHeld();
  const closed = rooms.close();
  letGo();
  expect((await client.hears("closed")).code).toBe(1012);
  await closed;
  expect(rooms.metrics.sockets).toBe(0);
});
