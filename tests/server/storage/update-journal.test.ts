import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { verifyStore } from "#server/backup/verify-store.ts";
import type { Append } from "#server/storage/document-log.ts";
import { openEmbeddedStore } from "#server/storage/embedded/embedded-store.ts";
import { copyDatabase } from "#server/storage/embedded/store-copy.ts";
import { encodeGroup, readRuns, readUpdates } from "#server/storage/embedded/update-journal.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const update = (room: string, epoch: string, value: number, more: Partial<Append> = {}): Append => ({
  ...{ room, epoch, bytes: Uint8Array.of(0, value), principalId: "änne", receivedAtMs: 1_700_000_000_123 },
  ...{ touched: ["mark-1"], bind: [] },
  ...more,
});

describe("update journal", () => {
  it("gives back a group as it was, run by run", () => {
    const first = [update("a", "e1", 1), update("a", "e1", 2), update("b", "e2", 3)];
    const second = [
      update("a", "e1", 4, { touched: [], bind: [{ clientId: 4_294_967_295, principalId: "ben" }] }),
    ];
    const group = encodeGroup([first, second]);
    const runs = readRuns(group);
    expect(runs.map(({ batch, room, epoch, updates }) => [batch, room, epoch, updates])).toEqual([
      [0, "a", "e1", 2],
      [0, "b", "e2", 1],
      [1, "a", "e1", 1],
    ]);
    expect(runs.map(({ bindings }) => bindings)).toEqual([
      [],
      [],
      [{ clientId: 4_294_967_295, principalId: "ben" }],
    ]);
    const updates = runs.flatMap((run) => readUpdates(group, run));
    expect(updates.map(({ bytes }) => [...bytes])).toEqual([1, 2, 3, 4].map((value) => [0, value]));
    expect(updates[3]).toMatchObject({
      principalId: "änne",
      receivedAtMs: 1_700_000_000_123,
      touched: "[]",
    });
  });

  it("takes updates larger than its usual size, and ends a run that grows too long", () => {
    const large = new Uint8Array(9 * 1024 * 1024).fill(7);
    const group = encodeGroup([[1, 2, 3].map((i) => update("a", "e", i, { bytes: large }))]);
    const runs = readRuns(group);
    expect(runs.map(({ updates }) => updates)).toEqual([2, 1]);
    const lengths = runs.flatMap((run) => readUpdates(group, run)).map(({ bytes }) => bytes.length);
    expect(lengths).toEqual([large.length, large.length, large.length]);
  });

  it("has everything that was committed and not yet filed, in a copy and after a crash", async () => {
    const dataDir = await temporaryFolder();
    const store = await openEmbeddedStore({ dataDir, migrations: [] });
    onTestFinished(() => store.close());
    const log = store.documentLog;
    const a = await log.open("room-a");
    const b = await log.open("room-b");
    const seqs = await log.append([update("room-a", a.epoch, 1), update("room-b", b.epoch, 2)]);
    const refused = log.append([update("room-a", "an epoch that is over", 3)]);
    const later = log.append([update("room-a", a.epoch, 4)]);
    await expect(refused).rejects.toMatchObject({ code: "epoch" });
    const [last] = await later;
    expect(last).toBe(seqs[1]! + 1);

    // What a crash leaves behind: the file as it is on disk now.
    const crashed = await temporaryFolder();
    const copy = join(crashed, "lamella.sqlite");
    await copyDatabase(join(dataDir, "lamella.sqlite"), copy);
    const database = new Database(copy, { readonly: true });
    expect(database.prepare("SELECT sum(updates) FROM room_journal").pluck().get()).toBe(3);
    database.close();
    expect((await verifyStore(crashed)).updates).toBe(3);

    const again = await openEmbeddedStore({ dataDir: crashed, migrations: [] });
    onTestFinished(() => again.close());
    const { updates } = await again.documentLog.open("room-a");
    expect(updates.map(({ seq, bytes }) => [seq, bytes[1]])).toEqual([
      [seqs[0], 1],
      [last, 4],
    ]);
    const [next] = await again.documentLog.append([update("room-b", b.epoch, 5)]);
    expect(next).toBe(last! + 1);
    expect((await again.documentLog.history("room-b", 0, 10)).map(({ seq }) => seq)).toEqual([seqs[1], next]);
  });

  it("files thousands at once, and gives the same whether they are filed or not", async () => {
    const store = await openEmbeddedStore({ dataDir: await temporaryFolder(), migrations: [] });
    onTestFinished(() => store.close());
    const log = store.documentLog;
    const { epoch } = await log.open("room-a");
    const unfiled = () => store.read<{ n: number }>("SELECT count(*) AS n FROM room_journal")[0]!.n;
    await log.append(Array.from({ length: 8_192 }, (_, i) => update("room-a", epoch, i % 256)));
    await log.append([update("room-a", epoch, 77)]);
    // The first group was filed by itself before the second was begun.
    expect(unfiled()).toBe(1);
    const { updates } = await log.open("room-a");
    expect(unfiled()).toBe(0);
    expect(updates.map(({ bytes }) => bytes[1])).toEqual([
      ...Array.from({ length: 8_192 }, (_, i) => i % 256),
      77,
    ]);
  });
});
