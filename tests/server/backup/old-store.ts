import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import * as Y from "yjs";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { accessMigrations } from "#server/access/catalogue/access-migrations.ts";
import { hashSecret } from "#server/access/secrets.ts";
import { micrographMigrations } from "#server/ingest/micrograph-migrations.ts";
import { originalKey } from "#server/ingest/read-source.ts";
import { stackLogMigrations } from "#server/ingest/stack-log-table.ts";
import { jobMigrations } from "#server/jobs/job-table.ts";
import { migrate } from "#server/storage/embedded/migrate.ts";
import { inOrder, type MigrationSet } from "#server/storage/embedded/migrations.ts";
import { roomMigrations } from "#server/storage/embedded/room-migrations.ts";
import { adminToken } from "../http/running-server.ts";
import { recordUpdates } from "../sync/marks.ts";
import { square } from "../sync/square.ts";

export const subjects: readonly MigrationSet[] = [
  roomMigrations,
  inOrder("access", accessMigrations),
  inOrder("micrographs", micrographMigrations),
  inOrder("stack-logs", stackLogMigrations),
  inOrder("jobs", jobMigrations),
];

/** How many steps the subject that grew most has: so many ages a store can have. */
export const ages = Math.max(...subjects.map(({ migrations }) => migrations.length));

/** What lies in the old store, to be found again by any later program. */
export const held = {
  project: "project-of-old",
  micrograph: "micrograph-of-old",
  person: "person-of-old",
  marks: ["mark-1", "mark-2", "mark-3"],
  original: "the bytes of an original",
} as const;

/** A store as the program of that age left it, filled by its first version: rows are written with that one's columns. */
export async function makeOldStore(dataDir: string, age: number): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const database = new Database(join(dataDir, "lamella.sqlite"));
  database.pragma("journal_mode = WAL");
  const upTo = (version: number) =>
    subjects.map(({ subject, migrations }) => ({ subject, migrations: migrations.slice(0, version) }));
  migrate(database, upTo(1));
  fill(database);
  migrate(database, upTo(age));
  database.close();
  const path = join(dataDir, "blobs", originalKey(sha256));
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, held.original);
}

const sha256 = createHash("sha256").update(held.original).digest("hex");
const at = "2024-03-01T12:00:00.000Z";

function fill(database: Database.Database): void {
  const put = (table: string, row: Record<string, string | number | Uint8Array | null>) =>
    database
      .prepare(
        `INSERT INTO ${table} (${Object.keys(row).join(", ")}) VALUES (${Object.keys(row)
          .map(() => "?")
          .join(", ")})`,
      )
      .run(...Object.values(row));
  const person = { kind: "person", colour: "#224466", created_at: at };
  put("principal", { id: "administrator", name: "Administrator", administrator: 1, ...person });
  put("principal", { id: held.person, name: "Old Anna", ...person });
  const forEver = { project_id: null, role: null, expires_at_ms: null, created_at: at };
  put("api_token", {
    id: "t1",
    hash: hashSecret(adminToken),
    principal_id: held.person,
    name: "t",
    ...forEver,
  });
  put("project", { id: held.project, name: "Old wires", owner_id: held.person, created_at: at });
  const owner = { role: "owner", may_download: 1, state: "in", since: at };
  put("membership", { project_id: held.project, principal_id: held.person, ...owner });
  const bytes = held.original.length;
  const made = { project_id: held.project, created_at: at, created_by: held.person };
  put("source", { id: "source-of-old", file_name: "old.tif", bytes, sha256, status: "ready", ...made });
  const flags = { lossy: false, depthReduced: false, screenshot: false };
  put("micrograph", {
    ...{ id: held.micrograph, source_id: "source-of-old", ordinal: 0, name: "old", content: "image" },
    ...{ calibration: '{"state":"uncalibrated","reason":"none"}', signals: "[]", status: "ready", ...made },
    record: JSON.stringify({
      ...{ width: 300, height: 200, frames: 1, frameTimesS: null, dtype: "uint8", acquisition: {} },
      ...{ warnings: [], flags },
    }),
  });
  put("job", {
    ...{ id: "job-of-old", kind: "read-source", payload: '{"sourceId":"source-of-old"}', urgent: 0 },
    ...{ project_id: held.project, principal_id: held.person, status: "done", attempts: 1, result: "null" },
    ...{ created_at: at, updated_at: at },
  });
  fillRoom(put);
}

/** Three marks, of which a whole state holds two. */
function fillRoom(put: (table: string, row: Record<string, string | number | Uint8Array>) => void): void {
  const room = `micrograph:${held.micrograph}:annotations`;
  const doc = new Y.Doc();
  doc.clientID = 77;
  const updates = recordUpdates(doc);
  const document = openAnnotationDocument(doc);
  let whole = new Uint8Array();
  held.marks.forEach((id, i) => {
    document.execute({ type: "create", id, annotation: square });
    if (i === 1) whole = Uint8Array.from(Y.encodeStateAsUpdate(doc));
  });
  put("room", { name: room, epoch: "epoch-of-old" });
  updates.forEach((bytes, i) => {
    put("room_update", {
      ...{ seq: i + 1, room, epoch: "epoch-of-old", principal_id: held.person },
      ...{ received_at_ms: Date.parse(at) + i, touched: JSON.stringify([held.marks[i]]), bytes },
    });
  });
  put("room_checkpoint", { room, seq: 2, bytes: whole });
  put("room_client", { room, client_id: 77, principal_id: held.person });
}
