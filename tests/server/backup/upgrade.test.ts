import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import type { HistoryPageBody, LastEditors } from "#core/protocol/api/history.ts";
import type { Gallery } from "#core/protocol/api/shapes.ts";
import { makeBackup } from "#server/backup/make-backup.ts";
import { restoreBackup } from "#server/backup/restore-backup.ts";
import { verifyStore } from "#server/backup/verify-store.ts";
import { readConfig } from "#server/config.ts";
import { startServer } from "#server/main.ts";
import { adminToken, byToken, json, startTestServer } from "../http/running-server.ts";
import { temporaryFolder } from "../storage/temporary-folder.ts";
import { ages, held, makeOldStore, subjects } from "./old-store.ts";

const anna = byToken(adminToken);

/** Everything that an old store held, asked of the present server; and that it goes on from there. */
async function expectEverything(dataDir: string): Promise<void> {
  const server = await startTestServer({ dataDir });
  try {
    const gallery = await json<Gallery>(server.call("GET", `/projects/${held.project}/gallery`, anna));
    expect(gallery.project).toMatchObject({ name: "Old wires", role: "owner" });
    expect(gallery.micrographs.map(({ id }) => id)).toEqual([held.micrograph]);
    const path = `/micrographs/${held.micrograph}`;
    const marks = await json<{ annotations: { id: string }[] }>(
      server.call("GET", `${path}/annotations`, anna),
    );
    expect(marks.annotations.map(({ id }) => id).sort()).toEqual(held.marks);
    const { entries } = await json<HistoryPageBody>(server.call("GET", `${path}/history`, anna));
    expect(entries.map(({ by, annotationIds }) => [by.name, ...annotationIds])).toEqual(
      held.marks.map((id) => ["Old Anna", id]),
    );
    const then = await json<{ annotations: unknown[] }>(
      server.call("GET", `${path}/history/${entries[0]!.seq}/annotations`, anna),
    );
    expect(then.annotations).toHaveLength(1);
    const { editors } = await json<LastEditors>(server.call("GET", `${path}/history/editors`, anna));
    expect(Object.keys(editors).sort()).toEqual(held.marks);
    const room = encodeURIComponent(`micrograph:${held.micrograph}:annotations`);
    const { authors } = await json<{ authors: Record<string, { name: string }> }>(
      server.call("GET", `/rooms/${room}/authors`, anna),
    );
    expect(authors["77"]!.name).toBe("Old Anna");
    const [source] = server.store.read<{ id: string }>("SELECT id FROM source");
    const original = await server.call("GET", `/sources/${source!.id}/original`, anna);
    expect(await original.text()).toBe(held.original);

    const more = { format: "lamella-annotations", version: 1, annotations: [] as unknown[] };
    more.annotations = [{ ...marks.annotations[0]!, id: "mark-new" }];
    expect((await server.call("POST", `${path}/annotations`, anna, more)).status).toBe(201);
    const after = await json<HistoryPageBody>(server.call("GET", `${path}/history`, anna));
    expect(after.entries.at(-1)!.seq).toBeGreaterThan(entries.at(-1)!.seq);
  } finally {
    await server.close();
  }
  expect((await verifyStore(dataDir)).problems).toEqual([]);
}

const schemaOf = (dataDir: string) => {
  const database = new Database(join(dataDir, "lamella.sqlite"), { readonly: true });
  const tables = database
    .prepare("SELECT name FROM sqlite_master WHERE type IN ('table', 'index') AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all() as string[];
  const columns = tables.sort().map((name) => [name, database.pragma(`table_info(${name})`)]);
  database.close();
  return columns;
};

describe("R16 a store of an earlier program", () => {
  it.each(Array.from({ length: ages }, (_, i) => i + 1))("of age %i opens with all it held", async (age) => {
    const dataDir = join(await temporaryFolder(), "data");
    await makeOldStore(dataDir, age);
    await expectEverything(dataDir);
    const fresh = await startTestServer();
    const wanted = schemaOf(fresh.dataDir);
    await fresh.stop();
    expect(schemaOf(dataDir)).toEqual(wanted);
  });

  it("can be backed up as it is, and the backup restored by the present program", async () => {
    const folder = await temporaryFolder();
    await makeOldStore(join(folder, "data"), 1);
    await makeBackup(join(folder, "data"), join(folder, "backup"));
    await restoreBackup(join(folder, "backup"), join(folder, "restored"));
    await expectEverything(join(folder, "restored"));
  });
});

describe("R16 a store of a later program", () => {
  it.each(subjects.map(({ subject }) => subject))(
    "that knows more of %s is refused and left as it is",
    async (subject) => {
      const dataDir = join(await temporaryFolder(), "data");
      await makeOldStore(dataDir, ages);
      const path = join(dataDir, "lamella.sqlite");
      const database = new Database(path);
      const known = subjects.find((one) => one.subject === subject)!.migrations.length;
      database
        .prepare("INSERT INTO schema_version (subject, version, name, at_ms) VALUES (?, ?, 'of tomorrow', 0)")
        .run(subject, known + 1);
      database.pragma("wal_checkpoint(TRUNCATE)");
      database.close();
      const hashOf = async () =>
        createHash("sha256")
          .update(await readFile(path))
          .digest("hex");
      const before = await hashOf();
      const config = readConfig(["--port", "0", "--data", dataDir, "--no-demo"], { LAMELLA_LOG: "silent" });
      await expect(startServer(config)).rejects.toMatchObject({
        code: "newer",
        message: expect.stringMatching(
          /written by a newer Lamella .* Start the newer program, or restore a backup/,
        ),
      });
      for (const command of [verifyStore(dataDir), makeBackup(dataDir, `${dataDir}-backup`)])
        await expect(command).rejects.toMatchObject({ code: "newer" });
      expect(await hashOf()).toBe(before);
    },
  );
});
