import { expect, it, vi } from "vitest";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { createRandom } from "#core/random/generator.ts";
import { MemoryDocumentLog } from "#server/storage/memory/memory-document-log.ts";
import { UpkeepPass } from "#server/sync/upkeep-pass.ts";
import { patienceMs } from "#tests/patience.ts";
import { startServer, stockProvider, synced } from "./running-server.ts";
import { square } from "./square.ts";

const random = createRandom(Number(process.env.SEED ?? 9));
const roomOf = (name: string) => `micrograph:${name}:annotations`;

/** Rooms as a process that was killed has left them: drawn in, and never stored whole. */
async function leftBehind(log: MemoryDocumentLog, names: readonly string[]): Promise<void> {
  const { rooms } = await startServer({ log, limits: { idleRoomMs: 60_000 } });
  for (const name of names) {
    await rooms.writeAsServer(roomOf(name), "p-anna", (doc) => {
      const document = openAnnotationDocument(doc, { random });
      document.execute({ type: "create", id: "mark", annotation: square });
      for (let id = 0; id < 4; id++)
        document.execute({ type: "move-vertices", id: "mark", vertices: [{ id, x: id * 10, y: 5 }] });
      document.close();
    });
  }
}

const isWhole = async (log: MemoryDocumentLog, name: string) => {
  const { checkpoint, updates } = await log.open(roomOf(name));
  return checkpoint !== null && updates.length === 0;
};

it("P59 rooms that nobody opens are stored whole and tidied, a few at a look, each once a day", async () => {
  const log = new MemoryDocumentLog();
  const names = Array.from({ length: 30 }, (_, i) => `abandoned${10 + i}`);
  await leftBehind(log, names);
  const { rooms } = await startServer({ log });
  const pass = new UpkeepPass({ rooms, log, report: expect.unreachable });
  expect(await pass.look()).toHaveLength(20);
  expect(await pass.look()).toEqual(names.slice(20).map(roomOf));
  for (const name of names) expect(await isWhole(log, name), name).toBe(true);
  expect((await log.history(roomOf(names[0]!), 0, 10)).at(-1)!.principalId).toMatch(/^lamella@/);
  expect(rooms.metrics.rooms).toBe(0);
  expect(await pass.look()).toEqual([]);
  expect(await pass.look()).toEqual([]);
});

it("P59 while people draw it takes one room at a look, and leaves theirs alone", async () => {
  const log = new MemoryDocumentLog();
  await leftBehind(log, ["abandoned1", "abandoned2", "attended99"]);
  const { url, rooms } = await startServer({ log });
  const anna = stockProvider(url, roomOf("attended99"), { as: "anna" });
  await synced(anna.provider);
  const annas = openAnnotationDocument(anna.doc, { random });
  const pass = new UpkeepPass({ rooms, log, report: expect.unreachable });
  const drawnIn = async (id: string) => {
    const before = rooms.metrics.committedUpdates;
    annas.execute({ type: "create", id, annotation: square });
    await vi.waitFor(() => expect(rooms.metrics.committedUpdates).toBe(before + 1), patienceMs);
  };
  await drawnIn("a");
  expect(await pass.look()).toEqual([roomOf("abandoned1")]);
  await drawnIn("b");
  expect(await pass.look()).toEqual([roomOf("abandoned2")]);
  await drawnIn("c");
  expect(await pass.look()).toEqual([]);
  expect(await isWhole(log, "attended99")).toBe(false);
});

it("P59 looks by itself, and says what went wrong instead of stopping", async () => {
  const log = new MemoryDocumentLog();
  await leftBehind(log, ["abandoned1"]);
  const { rooms } = await startServer({ log });
  let broken = true;
  const report = vi.fn();
  const pass = new UpkeepPass({
    ...{ rooms, report, everyMs: 5 },
    log: {
      rooms: async (after, limit) => {
        if (broken) throw new Error("the disk is away");
        return log.rooms(after, limit);
      },
    },
  });
  const stop = pass.start();
  await vi.waitFor(() => expect(report).toHaveBeenCalledWith("upkeep failed", expect.anything()), patienceMs);
  broken = false;
  await vi.waitFor(async () => expect(await isWhole(log, "abandoned1")).toBe(true), patienceMs);
  await stop();
});
