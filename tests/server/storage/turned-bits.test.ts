import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { createRandom } from "#core/random/generator.ts";
import { fits, neverFits, updateChecksum } from "#server/storage/embedded/checksums.ts";
import { JournalKeeper } from "#server/storage/embedded/journal-keeper.ts";
import { migrate } from "#server/storage/embedded/migrate.ts";
import { roomMigrations } from "#server/storage/embedded/room-migrations.ts";
import { encodeGroup } from "#server/storage/embedded/update-journal.ts";
import { readRun, runColumns, type StoredRun } from "#server/storage/embedded/update-run.ts";
import { storedUpdates } from "./stored-updates.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const random = createRandom(Number(process.env.SEED ?? 5));
const rooms = ["micrograph:a:annotations", "micrograph:ä:annotations"];

const group = () =>
  encodeGroup([
    [0, 1, 2].map((i) => ({
      ...{
        room: rooms[i % 2]!,
        epoch: "epoch-1",
        principalId: "p-änne",
        receivedAtMs: 1_700_000_000_123 + i,
      },
      ...{ bytes: Uint8Array.of(i, 7, 7, 7), touched: ["mark-ü", `mark-${i}`], bind: [] },
    })),
  ]);

/** A store of these two rooms, and the thread's keeper of it. */
async function store() {
  const database = new Database(join(await temporaryFolder(), "lamella.sqlite"));
  database.pragma("foreign_keys = ON");
  database.pragma("synchronous = OFF");
  migrate(database, [roomMigrations]);
  for (const room of rooms) database.prepare("INSERT INTO room VALUES (?, 'epoch-1')").run(room);
  const within = (work: () => void) => database.transaction(work)();
  return { database, keeper: new JournalKeeper(database), within };
}

describe("bits that turn in the journal", () => {
  it("wherever one turns, the others are filed, no number is given twice, and what it was in is marked", async () => {
    const { database, keeper, within } = await store();
    const first = "SELECT first_seq FROM room_journal WHERE entries = ?";
    let [aside, marked] = [0, 0];
    const length = group().length;
    for (let at = 0; at < length; at++) {
      const changed = Uint8Array.from(group());
      changed[at]! ^= 1 << Math.floor(random() * 8);
      within(() => void keeper.append(group()));
      within(() => void keeper.append(group()));
      const seq = database.prepare("SELECT min(first_seq) FROM room_journal").pluck().get() as number;
      database.prepare("UPDATE room_journal SET entries = ? WHERE first_seq = ?").run(changed, seq);
      expect(database.prepare(first).pluck().get(changed)).toBe(seq);
      within(() => keeper.file());
      const sums = storedUpdates(database)
        .filter((update) => update.seq >= seq)
        .map(({ checksum }) => checksum);
      const isAside = database.prepare("SELECT 1 FROM room_journal_aside WHERE first_seq = ?").get(seq);
      if (isAside) aside++;
      else expect(sums.splice(0, 3)).toEqual([neverFits, neverFits, neverFits]);
      if (!isAside) marked++;
      expect(sums).toHaveLength(3);
      expect(sums).not.toContain(neverFits);
      // As a thread that starts anew would go on.
      keeper.reload();
    }
    expect(aside).toBeGreaterThan(10);
    expect(marked).toBeGreaterThan(10);
    expect(storedUpdates(database)).toHaveLength(3 * length + 3 * marked);
    expect(database.prepare("SELECT count(*) FROM room_journal").pluck().get()).toBe(0);
    database.close();
  });

  it("the numbers of a group that was set aside last are not given again", async () => {
    const { database, keeper, within } = await store();
    within(() => void keeper.append(group()));
    database.prepare("UPDATE room_journal SET entries = x'00'").run();
    within(() => keeper.file());
    expect(database.prepare("SELECT first_seq, updates FROM room_journal_aside").raw().all()).toEqual([
      [1, 3],
    ]);
    const next = new JournalKeeper(database);
    within(() => expect(next.append(group()).firstSeq).toBe(4));
    database.close();
  });
});

describe("bits that turn in a run", () => {
  const isAsWritten = (run: StoredRun) => {
    const { updates, lost } = readRun(run);
    return {
      ...{ lost, updates },
      sound: updates.filter(({ place, seq, entry, checksum }) =>
        fits(checksum, () => updateChecksum(place, seq, entry)),
      ),
    };
  };

  it("are found wherever one turns, and cost the update it is in, or two where it says where those begin", async () => {
    const { database, keeper, within } = await store();
    for (let i = 0; i < 4; i++) within(() => void keeper.append(group()));
    within(() => keeper.file());
    const runs = database.prepare(`SELECT ${runColumns} FROM room_run ORDER BY id`).all() as StoredRun[];
    expect(runs.map(({ updates }) => updates)).toEqual([8, 4]);
    for (const run of runs) {
      const before = isAsWritten(run);
      expect(before).toMatchObject({ lost: 0, sound: { length: run.updates } });
      for (let bit = 0; bit < 8 * run.bytes.length; bit++) {
        const bytes = Uint8Array.from(run.bytes);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        const { sound, updates } = isAsWritten({ ...run, bytes });
        expect(sound.length).toBeGreaterThanOrEqual(run.updates - 2);
        // A number that cannot be is made again from those beside it.
        if (sound.length === run.updates) expect(updates).toEqual(before.updates);
      }
      // Where it belongs is in each update's checksum, too.
      for (const elsewhere of [{ room: rooms[1]!.replace("ä", "b") }, { epoch: "epoch-2" }])
        expect(isAsWritten({ ...run, ...elsewhere })).toMatchObject({ lost: 0, sound: [] });
      for (const column of ["firstSeq", "lastSeq", "updates"] as const)
        for (let bit = 0; bit < 40; bit++) {
          const flipped =
            run[column] + (Math.floor(run[column] / 2 ** bit) % 2 === 0 ? 2 ** bit : -(2 ** bit));
          const { lost, sound } = isAsWritten({ ...run, [column]: flipped });
          // A first number below, or a last one above, still holds them all.
          const holdsAll = column !== "updates" && lost === 0 && sound.length === run.updates;
          expect(holdsAll || lost > 0 || sound.length < run.updates).toBe(true);
        }
    }
    database.close();
  });
});
