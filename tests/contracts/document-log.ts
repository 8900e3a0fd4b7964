import { describe, expect, it, onTestFinished } from "vitest";
import type { Append, DocumentLog } from "#server/storage/document-log.ts";
import { StorageError } from "#server/storage/storage-error.ts";

/**
 * What every document log keeps. `open` gives an empty one; `reopen`, where the driver outlives its process, closes the
 * given log and opens the same store again.
 */
export function documentLogContract(driver: {
  readonly open: () => Promise<DocumentLog>;
  readonly reopen?: (log: DocumentLog) => Promise<DocumentLog>;
}): void {
  const opened = async () => {
    const log = await driver.open();
    onTestFinished(() => log.close());
    return log;
  };
  const bytes = (...values: number[]) => Uint8Array.from(values);
  const entry = (room: string, epoch: string, value: number, more: Partial<Append> = {}): Append => ({
    room,
    epoch,
    bytes: bytes(value),
    principalId: "anna",
    receivedAtMs: 1_000 + value,
    touched: [],
    bind: [],
    ...more,
  });
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => "none",
      (cause: unknown) => (cause instanceof StorageError ? cause.code : String(cause)),
    );

  describe("document log", () => {
    it("erases rooms with their history; who still has one open can write no more", async () => {
      const log = await opened();
      const { epoch } = await log.open("room-a");
      const other = await log.open("room-b");
      const [seq] = await log.append([
        entry("room-a", epoch, 1, { touched: ["m"], bind: [{ clientId: 1, principalId: "anna" }] }),
      ]);
      await log.append([entry("room-b", other.epoch, 2)]);
      await log.checkpoint("room-a", seq!, bytes(1));
      await log.erase(["room-a"]);
      expect(await codeOf(log.append([entry("room-a", epoch, 3)]))).toBe("epoch");
      const again = await log.open("room-a");
      expect(again).toMatchObject({ checkpoint: null, updates: [], bindings: [] });
      expect(again.epoch).not.toBe(epoch);
      expect(await log.history("room-a", 0, 10)).toEqual([]);
      expect((await log.open("room-b")).updates).toHaveLength(1);
    });

    it("names the rooms it has, in order and in pages", async () => {
      const log = await opened();
      for (const name of ["room-b", "room-c", "room-a"]) await log.open(name);
      const ours = async (after: string, limit: number) =>
        (await log.rooms(after, limit)).filter((name) => /^room-[abc]$/.test(name));
      expect(await ours("", 1_000)).toEqual(["room-a", "room-b", "room-c"]);
      expect(await log.rooms("room-a", 1)).toEqual(["room-b"]);
      expect(await log.rooms("room-c", 10)).not.toContain("room-c");
    });

    it("opens a room it never saw as empty, with an epoch that stays", async () => {
      const log = await opened();
      const first = await log.open("room-a");
      expect(first).toMatchObject({ checkpoint: null, updates: [], bindings: [] });
      expect(first.epoch).not.toBe("");
      expect((await log.open("room-a")).epoch).toBe(first.epoch);
      expect((await log.open("room-b")).epoch).not.toBe(first.epoch);
    });

    it("gives back updates in the order they were appended, whole, room by room", async () => {
      const log = await opened();
      const { epoch: a } = await log.open("room-a");
      const { epoch: b } = await log.open("room-b");
      const seqs = await log.append([
        entry("room-a", a, 1),
        entry("room-b", b, 2),
        entry("room-a", a, 3, { principalId: "ben" }),
      ]);
      const [later] = await log.append([entry("room-a", a, 4)]);
      expect(seqs[0]! < seqs[2]! && seqs[2]! < later!).toBe(true);
      const { updates } = await log.open("room-a");
      expect(updates).toEqual([
        { seq: seqs[0], room: "room-a", bytes: expect.anything(), principalId: "anna", receivedAtMs: 1_001 },
        { seq: seqs[2], room: "room-a", bytes: expect.anything(), principalId: "ben", receivedAtMs: 1_003 },
        { seq: later, room: "room-a", bytes: expect.anything(), principalId: "anna", receivedAtMs: 1_004 },
      ]);
      expect(updates.map((update) => [...update.bytes])).toEqual([[1], [3], [4]]);
      expect((await log.open("room-b")).updates.map((update) => [...update.bytes])).toEqual([[2]]);
    });

    it("keeps a batch whole: one entry of another epoch refuses all of it", async () => {
      const log = await opened();
      const { epoch } = await log.open("room-a");
      expect(await codeOf(log.append([entry("room-a", epoch, 1), entry("room-a", "another-epoch", 2)]))).toBe(
        "epoch",
      );
      expect((await log.open("room-a")).updates).toEqual([]);
    });

    it("binds a client id to whoever came first, by update or by name", async () => {
      const log = await opened();
      const { epoch } = await log.open("room-a");
      await log.append([
        entry("room-a", epoch, 1, { bind: [{ clientId: 4_294_967_295, principalId: "anna" }] }),
      ]);
      expect(await log.bind("room-a", [4_294_967_295, 7], "ben")).toEqual(["anna", "ben"]);
      expect(await log.bind("room-b", [4_294_967_295], "ben")).toEqual(["ben"]);
      const { bindings } = await log.open("room-a");
      expect([...bindings].sort((x, y) => x.clientId - y.clientId)).toEqual([
        { clientId: 7, principalId: "ben" },
        { clientId: 4_294_967_295, principalId: "anna" },
      ]);
    });

    it("opens from the last checkpoint, and keeps the history before it", async () => {
      const log = await opened();
      const { epoch } = await log.open("room-a");
      const [, second] = await log.append([
        entry("room-a", epoch, 1, { touched: ["mark-1", "mark-2"] }),
        entry("room-a", epoch, 2),
        entry("room-a", epoch, 3),
      ]);
      await log.checkpoint("room-a", second!, bytes(9, 9));
      const contents = await log.open("room-a");
      expect(contents.checkpoint?.seq).toBe(second);
      expect([...contents.checkpoint!.bytes]).toEqual([9, 9]);
      expect(contents.updates.map((update) => [...update.bytes])).toEqual([[3]]);
      const history = await log.history("room-a", 0, 10);
      expect(history).toHaveLength(3);
      expect(history[0]).toEqual({
        ...{ seq: expect.anything(), principalId: "anna", receivedAtMs: 1_001, byteLength: 1 },
        touched: ["mark-1", "mark-2"],
      });
      expect(await log.history("room-a", second!, 10)).toHaveLength(1);
      expect(await log.history("room-a", 0, 2)).toHaveLength(2);
    });

    it("does not go back to an older checkpoint", async () => {
      const log = await opened();
      const { epoch } = await log.open("room-a");
      const [first, second] = await log.append([entry("room-a", epoch, 1), entry("room-a", epoch, 2)]);
      await log.checkpoint("room-a", second!, bytes(2));
      await log.checkpoint("room-a", first!, bytes(1));
      expect((await log.open("room-a")).checkpoint?.seq).toBe(second);
    });

    it("starts a new epoch with the given state, and refuses edits of the old one", async () => {
      const log = await opened();
      const { epoch } = await log.open("room-a");
      await log.append([entry("room-a", epoch, 1)]);
      const next = await log.newEpoch("room-a", bytes(5));
      expect(next).not.toBe(epoch);
      const contents = await log.open("room-a");
      expect(contents.epoch).toBe(next);
      expect([...contents.checkpoint!.bytes]).toEqual([5]);
      expect(contents.updates).toEqual([]);
      expect(await codeOf(log.append([entry("room-a", epoch, 2)]))).toBe("epoch");
      await log.append([entry("room-a", next, 3)]);
      expect((await log.open("room-a")).updates.map((update) => [...update.bytes])).toEqual([[3]]);
      expect(await log.history("room-a", 0, 10)).toHaveLength(2);
    });

    it("finds the newest entries before a moment, and those of one mark", async () => {
      const log = await opened();
      const { epoch } = await log.open("room-a");
      const seqs = await log.append([
        entry("room-a", epoch, 1, { touched: ["m1"] }),
        entry("room-a", epoch, 2, { touched: ["m2"] }),
        entry("room-a", epoch, 3, { touched: ["m1", "m2"] }),
        entry("room-a", epoch, 4, { touched: [] }),
      ]);
      const found = async (after: number, limit: number, part: object) =>
        (await log.history("room-a", after, limit, part)).map(({ seq }) => seqs.indexOf(seq));
      expect(await found(0, 2, { before: seqs[3]! })).toEqual([1, 2]);
      expect(await found(0, 10, { before: Number.MAX_SAFE_INTEGER })).toEqual([0, 1, 2, 3]);
      expect(await found(0, 1, { before: seqs[2]!, mark: "m1" })).toEqual([0]);
      expect(await found(seqs[0]!, 10, { mark: "m1" })).toEqual([2]);
      expect(await found(seqs[0]!, 10, { before: seqs[2]! })).toEqual([1]);
    });

    it("gives updates to be replayed one by one, cut where an epoch begins", async () => {
      const log = await opened();
      const { epoch } = await log.open("room-a");
      const [one, two, three] = await log.append([1, 2, 3].map((i) => entry("room-a", epoch, i)));
      await log.checkpoint("room-a", one!, bytes(1));
      const next = await log.newEpoch("room-a", bytes(9));
      const [four] = await log.append([entry("room-a", next, 4)]);
      // Whole states are the bytes of what they hold: read as one list they tell what the replay starts from.
      const read = async (from: number, to: number) =>
        (await log.stretches("room-a", from, to)).map(({ base, updates }) => [
          base.flatMap((part) => [...part]),
          updates.map(({ seq, bytes }) => [seq, ...bytes]),
        ]);
      expect(await read(two!, four!)).toEqual([
        [
          [1],
          [
            [two, 2],
            [three, 3],
          ],
        ],
        [[9], [[four, 4]]],
      ]);
      expect(await read(one!, one!)).toEqual([[[], [[one, 1]]]]);
      expect(await read(four! + 1, four! + 9)).toEqual([]);
    });

    it("asks once for a batch that may grow until its commit begins", async () => {
      const log = await opened();
      const { epoch } = await log.open("room-a");
      await log.append([entry("room-a", epoch, 1)]);
      let asked = 0;
      const seqs = await log.append(() => {
        asked++;
        return [entry("room-a", epoch, 2), entry("room-a", epoch, 3)];
      });
      expect([asked, seqs.length]).toEqual([1, 2]);
      expect((await log.open("room-a")).updates.map((update) => update.bytes[0])).toEqual([1, 2, 3]);
    });

    it("gives what a room was made of at any moment, whatever was checkpointed and begun anew since", async () => {
      const log = await opened();
      const { epoch } = await log.open("room-a");
      const states = [];
      for (let i = 1; i <= 6; i++) {
        const [seq] = await log.append([entry("room-a", epoch, i)]);
        states.push(seq!);
        // A checkpoint here is the updates so far, one byte each.
        if (i % 2 === 0)
          await log.checkpoint("room-a", seq!, bytes(...Array.from({ length: i }, (_, k) => k + 1)));
      }
      const next = await log.newEpoch("room-a", bytes(60));
      const [seven] = await log.append([entry("room-a", next, 7)]);
      const at = async (seq: number) => (await log.stateAt("room-a", seq))?.flatMap((part) => [...part]);
      for (const [i, seq] of states.entries())
        expect(await at(seq)).toEqual(Array.from({ length: i + 1 }, (_, k) => k + 1));
      expect(await at(seven!)).toEqual([60, 7]);
      expect(await at(seven! + 1)).toBeUndefined();
      expect(await log.stateAt("room-b", states[0]!)).toBeUndefined();
    });

    it("knows the last update of each mark, before and after checkpoints", async () => {
      const log = await opened();
      const { epoch } = await log.open("room-a");
      const by = (principalId: string, ...touched: string[]) => ({ principalId, touched });
      const [, second, third] = await log.append([
        entry("room-a", epoch, 1, by("anna", "m1", "m2")),
        entry("room-a", epoch, 2, by("ben", "m2")),
        entry("room-a", epoch, 3, by("cleo", "m3")),
      ]);
      await log.checkpoint("room-a", second!, bytes(9));
      await log.checkpoint("room-a", third!, bytes(9));
      const [fourth] = await log.append([entry("room-a", epoch, 4, by("dora", "m1"))]);
      await log.newEpoch("room-a", bytes(9));
      const last = await log.lastTouches("room-a");
      expect([...last].map(([mark, { principalId }]) => [mark, principalId]).sort()).toEqual([
        ["m1", "dora"],
        ["m2", "ben"],
        ["m3", "cleo"],
      ]);
      expect(last.get("m1")).toEqual({ seq: fourth, principalId: "dora", receivedAtMs: 1_004 });
      expect([...(await log.lastTouches("room-a", ["m3", "none"])).keys()]).toEqual(["m3"]);
    });

    it("keeps the order of appends that are made without waiting", async () => {
      const log = await opened();
      const { epoch } = await log.open("room-a");
      await Promise.all(Array.from({ length: 50 }, (_, i) => log.append([entry("room-a", epoch, i)])));
      expect((await log.open("room-a")).updates.map((update) => update.bytes[0])).toEqual(
        Array.from({ length: 50 }, (_, i) => i),
      );
    });

    it("keeps one packed state a room with what came since, until the room begins anew or is erased", async () => {
      const log = await opened();
      const { epoch, packed } = await log.open("room-a");
      expect(packed).toBeNull();
      const [first, second] = await log.append([entry("room-a", epoch, 1), entry("room-a", epoch, 2)]);
      const kept = async () => {
        const { packed } = await log.open("room-a");
        return packed && { bytes: [...packed.bytes], since: packed.since.map((update) => [...update]) };
      };
      await log.keepPacked("room-a", epoch, first!, bytes(7));
      expect(await kept()).toEqual({ bytes: [7], since: [[2]] });
      await log.append([entry("room-a", epoch, 3)]);
      // A whole state of later does not shorten what came since.
      await log.checkpoint("room-a", second!, bytes(1, 2));
      expect(await kept()).toEqual({ bytes: [7], since: [[2], [3]] });
      await log.keepPacked("room-a", epoch, second!, bytes(8, 8));
      expect(await kept()).toEqual({ bytes: [8, 8], since: [[3]] });

      const next = await log.newEpoch("room-a", bytes(5));
      expect(await kept()).toBeNull();
      await log.keepPacked("room-a", epoch, second!, bytes(9));
      expect(await kept()).toBeNull();
      await log.keepPacked("room-a", next, second! + 1, bytes(6));
      expect(await kept()).toMatchObject({ bytes: [6] });
      await log.erase(["room-a"]);
      await log.keepPacked("room-a", next, second! + 1, bytes(6));
      expect(await kept()).toBeNull();
    });

    const reopen = driver.reopen;
    it.skipIf(!reopen)("has everything after it was closed and opened again", async () => {
      const log = await driver.open();
      const { epoch } = await log.open("room-a");
      await log.append([entry("room-a", epoch, 1, { bind: [{ clientId: 3, principalId: "anna" }] })]);
      const again = await reopen!(log);
      onTestFinished(() => again.close());
      const contents = await again.open("room-a");
      expect(contents.epoch).toBe(epoch);
      expect(contents.updates.map((update) => [...update.bytes])).toEqual([[1]]);
      expect(contents.bindings).toEqual([{ clientId: 3, principalId: "anna" }]);
    });
  });
}
