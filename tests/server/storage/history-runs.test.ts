import { createHash } from "node:crypto";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { createRandom } from "#core/random/generator.ts";
import { verifyStore } from "#server/backup/verify-store.ts";
import { type EmbeddedStore, openEmbeddedStore } from "#server/storage/embedded/embedded-store.ts";
import { encodeEntry } from "#server/storage/embedded/update-journal.ts";
import { mostInNewRun, packRun, RunBuilder, readRun } from "#server/storage/embedded/update-run.ts";
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
  store.read<{ loose: number; packed: number; packs: number }>(
    `SELECT coalesce(sum(length(bytes)) FILTER (WHERE packed = 0), 0) AS loose,
            coalesce(sum(length(bytes)) FILTER (WHERE packed = 1), 0) AS packed,
            count(*) FILTER (WHERE packed = 1) AS packs FROM room_run`,
  )[0]!;

describe("history in runs", () => {
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
    expect(loose.packs).toBe(0);
    // The checkpoint that follows makes the first a milestone, and packs what lies before it.
    await log.checkpoint(room, seqs.at(-1)!, wholeAfter(2_400));
    const after = lying(store);
    expect(after.packs).toBe(1);
    const were = loose.loose - after.loose;
    console.info(`history: ${were} B of runs packed in ${after.packed} B`);
    expect(were).toBeGreaterThan(updates.slice(0, 1_100).reduce((sum, { length }) => sum + length, 0));
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

  it("a turned bit in packed history is found, whoever needs it is told, and it goes with its room", async () => {
    const dataDir = await temporaryFolder();
    const store = await open(dataDir);
    const { updates, wholeAfter } = drawing(1_300);
    const seqs = await append(store, updates.slice(0, 1_200));
    await store.documentLog.checkpoint(room, seqs.at(-1)!, wholeAfter(1_200));
    const more = await append(store, updates.slice(1_200));
    await store.documentLog.checkpoint(room, more.at(-1)!, wholeAfter(1_300));
    expect(lying(store).packs).toBe(1);
    await store.close();

    const path = join(dataDir, "lamella.sqlite");
    const turn = () => {
      const database = new Database(path);
      const bytes = database.prepare("SELECT bytes FROM room_run WHERE packed = 1").pluck().get() as Buffer;
      bytes[bytes.length >> 1]! ^= 4;
      database.prepare("UPDATE room_run SET bytes = ? WHERE packed = 1").run(bytes);
      database.close();
    };
    turn();
    const { problems } = await verifyStore(dataDir);
    const lost = `all 1200 updates kept from ${seqs[0]} to ${seqs.at(-1)} cannot be read any more`;
    expect(problems[0]).toContain(`room ${room}: ${lost}`);
    const damaged = await open(dataDir);
    const log = damaged.documentLog;
    // The state since the last checkpoint does not need it; a moment before the milestone does, and is not made up.
    expect((await log.open(room)).damage).toEqual([]);
    await expect(log.stretches(room, seqs[3]!, seqs[5]!)).rejects.toThrow(lost);
    await expect(log.stateAt(room, seqs[3]!)).rejects.toThrow(lost);
    expect((await log.history(room, 0, 2_000)).map(({ seq }) => seq)).toEqual(more);
    await damaged.close();
    turn();
    expect((await verifyStore(dataDir)).problems).toEqual([]);

    const again = await open(dataDir);
    await again.documentLog.erase([room]);
    expect(lying(again)).toEqual({ loose: 0, packed: 0, packs: 0 });
    await again.close();
  });

  it("a long history is packed at the next checkpoint, in several", async () => {
    const store = await open(await temporaryFolder());
    const { updates, wholeAfter } = drawing(5_100);
    const seqs = await append(store, updates.slice(0, 5_000));
    await store.documentLog.checkpoint(room, seqs.at(-1)!, wholeAfter(5_000));
    const more = await append(store, updates.slice(5_000));
    await store.documentLog.checkpoint(room, more.at(-1)!, wholeAfter(5_100));
    expect(lying(store).packs).toBe(3);
    const parts = (await store.documentLog.stateAt(room, seqs[4_321]!))!;
    expect(hashes(parts)).toBe(hashes(updates.slice(0, 4_322)));
    await store.close();
  });

  it("many small runs, as hours of drawing leave them, are packed into one; none of another epoch with them", async () => {
    const store = await open(await temporaryFolder());
    const { updates, wholeAfter } = drawing(1_040);
    const log = store.documentLog;
    const runs = () =>
      store.read<{ packed: number; updates: number }>(
        "SELECT packed, updates FROM room_run ORDER BY last_seq",
      );
    const seqs: number[] = [];
    for (let i = 0; i < 40; i++) {
      seqs.push(...(await append(store, updates.slice(i, i + 1))));
      await log.open(room);
    }
    expect(runs()).toEqual(Array(40).fill({ packed: 0, updates: 1 }));
    const numbers = async (...asked: Parameters<typeof log.history>) =>
      (await log.history(...asked)).map(({ seq }) => seq);
    expect(await numbers(room, seqs[2]!, 30)).toEqual(seqs.slice(3, 33));
    expect(await numbers(room, seqs[2]!, 30, { before: seqs[38]! })).toEqual(seqs.slice(8, 38));
    await log.newEpoch(room, wholeAfter(40));
    seqs.push(...(await append(store, updates.slice(40, 1_040))));
    await log.checkpoint(room, seqs.at(-1)!, wholeAfter(1_040));
    const before = await log.stretches(room, seqs[0]!, seqs.at(-1)!);
    const more = await append(store, updates.slice(0, 1));
    await log.checkpoint(room, more[0]!, wholeAfter(1_040));
    expect(runs()).toEqual([
      { packed: 1, updates: 40 },
      { packed: 1, updates: 1_000 },
      { packed: 0, updates: 1 },
    ]);
    expect(await log.stretches(room, seqs[0]!, seqs.at(-1)!)).toEqual(before);
    expect(before.map(({ updates: inner }) => inner.length)).toEqual([40, 1_000]);
    await store.close();
  });

  it("holds empty and large updates too, packed or not, with numbers beyond 32 bits", async () => {
    const updates = [new Uint8Array(), Uint8Array.of(7), new Uint8Array(100_000).fill(3)].map((bytes, i) => ({
      ...{ principalId: "änne", receivedAtMs: i, touched: "[]", bytes },
      seq: 2 ** 40 + 5 * i,
    }));
    const builder = new RunBuilder(room, "epoch", mostInNewRun);
    for (const update of updates)
      builder.add({ seq: update.seq, entry: encodeEntry(update), checksum: null });
    const run = builder.end();
    expect(run).toMatchObject({ updates: 3, firstSeq: 2 ** 40, lastSeq: 2 ** 40 + 10, packed: 0 });
    for (const one of [run, await packRun(run)]) {
      const { updates: read, lost } = readRun(one);
      expect(lost).toBe(0);
      expect(read).toEqual(
        updates.map((update) => expect.objectContaining({ ...update, bytes: Buffer.from(update.bytes) })),
      );
    }
  });
});
