import { describe, expect, it } from "vitest";
import { awarenessMessage } from "#server/sync/messages.ts";
import { RawClient } from "./raw-client.ts";
import { startServer, stockProvider, synced } from "./running-server.ts";

const room = "micrograph:abcdefgh:annotations";
const stateOf = (heard: { entries: readonly { clientId: number; state: string }[] }, clientId: number) =>
  JSON.parse(heard.entries.find((entry) => entry.clientId === clientId)?.state ?? "null");

describe("presence", () => {
  it("P30 shows the name of the session, whatever the client claims, at the client's clock", async () => {
    const { url } = await startServer();
    const watcher = await RawClient.connect(url, room, "as=ben");
    const liar = await RawClient.connect(url, room, "as=mallory");
    liar.awareness([
      {
        clientId: 7,
        clock: 41,
        state: { user: { name: "Anna", principalId: "p-anna" }, cursor: { x: 1, y: 2 } },
      },
    ]);
    const heard = await watcher.hears("awareness", ({ entries }) =>
      entries.some(({ clientId }) => clientId === 7),
    );
    expect(heard.entries[0]!.clock).toBe(41);
    expect(stateOf(heard, 7)).toEqual({
      user: { principalId: "p-mallory", name: "mallory (from the session)", colour: "#224466" },
      cursor: { x: 1, y: 2 },
    });
  });

  it("P31 one client id a socket: states of others that come along are passed over", async () => {
    const { url } = await startServer();
    const anna = await RawClient.connect(url, room, "as=anna");
    const watcher = await RawClient.connect(url, room, "as=ben");
    anna.awareness([{ clientId: 8, clock: 1, state: { cursor: { x: 1, y: 1 } } }]);
    const mallory = await RawClient.connect(url, room, "as=mallory");
    await mallory.hears("awareness", ({ entries }) => entries.some(({ clientId }) => clientId === 8));
    mallory.awareness([
      { clientId: 8, clock: 99, state: null },
      { clientId: 9, clock: 1, state: { cursor: { x: 5, y: 5 } } },
      { clientId: 10, clock: 1, state: { cursor: { x: 6, y: 6 } } },
    ]);
    await watcher.hears("awareness", ({ entries }) => entries.some(({ clientId }) => clientId === 9));
    const all = watcher.all("awareness").flatMap(({ entries }) => entries);
    expect(all.filter(({ clientId, state }) => clientId === 8 && state === "null")).toEqual([]);
    expect(all.filter(({ clientId }) => clientId === 10)).toEqual([]);
    // The victim's own next state still goes through.
    anna.awareness([{ clientId: 8, clock: 2, state: { cursor: { x: 3, y: 3 } } }]);
    await watcher.hears("awareness", ({ entries }) => entries.some((e) => e.clientId === 8 && e.clock === 2));
  });

  it("P32 the latest state of a window wins, and too large a state is dropped without harm", async () => {
    const { url, rooms } = await startServer({ limits: { awarenessWindowMs: 50 } });
    const anna = await RawClient.connect(url, room, "as=anna");
    const watcher = await RawClient.connect(url, room, "as=ben");
    await watcher.hears("step1");
    const startedMs = performance.now();
    for (let clock = 1; clock <= 40; clock++) {
      anna.awareness([{ clientId: 11, clock, state: { cursor: { x: clock, y: 0 } } }]);
    }
    anna.awareness([{ clientId: 11, clock: 41, state: { draft: "x".repeat(9_000) } }]);
    const last = await watcher.hears("awareness", ({ entries }) => entries.some(({ clock }) => clock === 40));
    expect(stateOf(last, 11).cursor.x).toBe(40);
    // One a window, however long the machine took for all of them.
    const windows = (performance.now() - startedMs) / 50;
    expect(watcher.all("awareness").length).toBeLessThan(windows + 8);
    expect(rooms.metrics.droppedAwareness).toBe(1);
    expect(anna.socket.readyState).toBe(anna.socket.OPEN);
  });

  it("P33 whoever leaves disappears; whoever comes sees everybody", async () => {
    const { url } = await startServer();
    const a = stockProvider(url, room, { as: "anna" });
    const b = stockProvider(url, room, { as: "ben" });
    await Promise.all([synced(a.provider), synced(b.provider)]);
    a.provider.awareness.setLocalState({ cursor: { x: 1, y: 1 } });
    const shown = (holds: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => void (holds() && resolve());
        b.provider.awareness.on("change", look);
        look();
      });
    await shown(() => b.provider.awareness.getStates().has(a.doc.clientID));
    const late = await RawClient.connect(url, room, "as=carla");
    const everybody = await late.hears("awareness");
    expect(everybody.entries.map(({ clientId }) => clientId)).toContain(a.doc.clientID);
    a.provider.destroy();
    await shown(() => !b.provider.awareness.getStates().has(a.doc.clientID));
  });

  it.each(["{", "5", "[]", '"text"', `${"[".repeat(4_000)}${"]".repeat(4_000)}`])(
    "P34 a state that is none (%.10s) is dropped, however early it comes",
    async (state) => {
      const { url, rooms } = await startServer();
      const anna = await RawClient.connect(url, room, "as=anna");
      anna.socket.send(awarenessMessage([{ clientId: 12, clock: 1, state }]));
      anna.awareness([{ clientId: 12, clock: 2, state: { cursor: null } }]);
      const watcher = await RawClient.connect(url, room, "as=ben");
      const heard = await watcher.hears("awareness", ({ entries }) => entries.length > 0);
      expect(heard.entries.map(({ clock }) => clock)).toEqual([2]);
      expect(rooms.onlineCount([room])).toBe(2);
    },
  );
});
