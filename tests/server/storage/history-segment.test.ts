import { createHash } from "node:crypto";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { createRandom } from "#core/random/generator.ts";
import { verifyStore } from "#server/backup/verify-store.ts";
import { type EmbeddedStore, openEmbeddedStore } from "#server/storage/embedded/embedded-store.ts";
import { packSegment, unpackSegment } from "#server/storage/embedded/history-segment.ts";
import { recordUpdates } from "../sync/marks.ts";
import { square } from "../sync/square.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const room = "micrograph:abcdefgh:annotations";
const random = createRandom(Number(process.env.SEED ?? 3));

/** What parts are together, whichever they are: told by a hash, so that a difference is no page of digits. */
function made(parts: readonly Uint8Array[] | undefined): string {
  const doc = new Y.Doc();
  for (const part of parts ?? []) Y.applyUpdate(doc, part);
  const said = JSON.stringify([doc.getMap("a").toJSON(), [...Y.encodeStateVector(doc)]]);
  return createHash("sha256").update(said).digest("hex");
}
const hashes = (parts: readonly Uint8Array[]) =>
  parts.map((part) => createHash("sha256").update(part).digest("hex").slice(0, 8)).join(" ");

/** Drawing as people do it: marks are made, moved, named. */
function drawing(edits: number): {
  readonly updates: readonly Uint8Array[];
  wholeAfter(count: number): Uint8Array;
} {
  const doc = new Y.Doc();
  const updates = recordUpdates(doc);
  const document = openAnnotationDocument(doc, { random });
  for (let i = 0; updates.length < edits; i++) {
    const id = `mark-${i}`;
    document.execute({ type: "create", id, annotation: square });
    for (let vertex = 0; vertex < 4; vertex++)
      document.execute({
        type: "move-vertices",
        id,
        vertices: [{ id: vertex, x: random() * 900, y: random() * 600 }],
      });
    document.execute({ type: "set-fields", id, fields: { name: `wire ${i}` } });
  }
  return {
    updates: updates.slice(0, edits),
    wholeAfter(count) {
      const copy = new Y.Doc();
      for (const update of updates.slice(0, count)) Y.applyUpdate(copy, update);
      return Y.encodeStateAsUpdate(copy);
    },
  };
}

async function append(store: EmbeddedStore, updates: readonly Uint8Array[]): Promise<readonly number[]> {
  const { epoch } = await store.documentLog.open(room);
  return store.documentLog.append(
    updates.map((bytes, i) => ({
      ...{ room, epoch, bytes, principalId: "anna", receivedAtMs: i },
      ...{ touched: ["mark-0"], bind: [] },
    })),
  );
}

const open = (dataDir: string) => openEmbeddedStore({ dataDir, migrations: [] });
const lying = (store: EmbeddedStore) =>
  store.read<{ loose: number; packed: number; segments: number }>(
    `SELECT (SELECT sum(length(bytes)) FROM room_update) AS loose,
            (SELECT coalesce(sum(length(bytes)), 0) FROM room_segment) AS packed,
            (SELECT count(*) FROM room_segment) AS segments`,
  )[0]!;

describe("history in segments", () => {
  it("takes a third of the space before each milestone, and gives back every moment to the byte", async () => {
    const dataDir = await temporaryFolder();
    const store = await open(dataDir);
    const log = store.documentLog;
    const { updates, wholeAfter } = drawing(2_400);
    const seqs = [...(await append(store, updates.slice(0, 1_100)))];
    const moments = () => [0, 1, 500, 1_099, 1_100, 2_399].filter((i) => i < seqs.length);
    await log.checkpoint(room, seqs.at(-1)!, wholeAfter(1_100));
    seqs.push(...(await append(store, updates.slice(1_100))));
    const before = {
      moments: await Promise.all(moments().map(async (i) => made(await log.stateAt(room, seqs[i]!)))),
      stretches: await log.stretches(room, seqs[300]!, seqs[1_700]!),
      history: await log.history(room, 0, 5_000),
    };
    const loose = lying(store);
    expect(loose.segments).toBe(0);
    // The checkpoint that follows makes the first a milestone, and packs what lies before it.
    await log.checkpoint(room, seqs.at(-1)!, wholeAfter(2_400));
    const after = lying(store);
    expect(after.segments).toBe(1);
    const were = updates.slice(0, 1_100).reduce((sum, { length }) => sum + length, 0);
    expect(loose.loose - after.loose).toBe(were);
    console.info(`history: ${were} B of updates in a segment of ${after.packed} B`);
    expect(after.packed).toBeLessThan(were / 2);

    const again = {
      moments: await Promise.all(moments().map(async (i) => made(await log.stateAt(room, seqs[i]!)))),
      stretches: await log.stretches(room, seqs[300]!, seqs[1_700]!),
      history: await log.history(room, 0, 5_000),
    };
    expect(again.moments).toEqual(before.moments);
    expect(again.history).toEqual(before.history);
    const told = ({ stretches }: typeof before) =>
      stretches.map(({ base, updates: inner }) => [made(base), hashes(inner.map(({ bytes }) => bytes))]);
    expect(told(again)).toEqual(told(before));
    await store.close();
    expect(await verifyStore(dataDir)).toMatchObject({ problems: [], updates: 2_400 });
  });

  it("a turned bit in a segment is found, and a room's segments go with it", async () => {
    const dataDir = await temporaryFolder();
    const store = await open(dataDir);
    const { updates, wholeAfter } = drawing(1_300);
    const seqs = await append(store, updates.slice(0, 1_200));
    await store.documentLog.checkpoint(room, seqs.at(-1)!, wholeAfter(1_200));
    const more = await append(store, updates.slice(1_200));
    await store.documentLog.checkpoint(room, more.at(-1)!, wholeAfter(1_300));
    expect(lying(store).segments).toBe(1);
    await store.close();

    const path = join(dataDir, "lamella.sqlite");
    const turn = () => {
      const database = new Database(path);
      const bytes = database.prepare("SELECT bytes FROM room_segment").pluck().get() as Buffer;
      bytes[bytes.length >> 1]! ^= 4;
      database.prepare("UPDATE room_segment SET bytes = ?").run(bytes);
      database.close();
    };
    turn();
    const { problems } = await verifyStore(dataDir);
    expect(problems[0]).toContain("is not in the segment of history that should hold it");
    turn();
    expect((await verifyStore(dataDir)).problems).toEqual([]);

    const again = await open(dataDir);
    await again.documentLog.erase([room]);
    expect(lying(again)).toEqual({ loose: null, packed: 0, segments: 0 });
    await again.close();
  });

  it("a long history from before there were segments is packed at the next checkpoint, in several", async () => {
    const store = await open(await temporaryFolder());
    const { updates, wholeAfter } = drawing(5_100);
    const seqs = await append(store, updates.slice(0, 5_000));
    await store.documentLog.checkpoint(room, seqs.at(-1)!, wholeAfter(5_000));
    const more = await append(store, updates.slice(5_000));
    await store.documentLog.checkpoint(room, more.at(-1)!, wholeAfter(5_100));
    expect(lying(store).segments).toBe(3);
    const parts = (await store.documentLog.stateAt(room, seqs[4_321]!))!;
    expect(hashes(parts)).toBe(hashes(updates.slice(0, 4_322)));
    await store.close();
  });

  it("packs empty and large updates too", async () => {
    const updates = [new Uint8Array(), Uint8Array.of(7), new Uint8Array(100_000).fill(3)].map((bytes, i) => ({
      seq: 2 ** 40 + i,
      bytes,
    }));
    const unpacked = unpackSegment(await packSegment(updates));
    for (const { seq, bytes } of updates) expect([...unpacked.get(seq)!]).toEqual([...bytes]);
  });
});
