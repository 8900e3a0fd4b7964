import type { Migration } from "#server/jobs/sql.ts";
import { stackPartMigrations } from "./stack-parts.ts";

/** Tables of sources, micrographs and series, and of what people know about them. The list only ever grows at its end. */
export const micrographMigrations: readonly Migration[] = [
  {
    name: "micrographs-1",
    sql: `
      CREATE TABLE IF NOT EXISTS source (
        id TEXT PRIMARY KEY, project_id TEXT NOT NULL, file_name TEXT NOT NULL, bytes INTEGER NOT NULL,
        sha256 TEXT, format TEXT, status TEXT NOT NULL, code TEXT, reason TEXT, others TEXT NOT NULL DEFAULT '[]',
        tags TEXT NOT NULL DEFAULT 'null', options TEXT NOT NULL DEFAULT '{}',
        created_at TEXT NOT NULL, created_by TEXT NOT NULL);
      CREATE INDEX IF NOT EXISTS source_by_project ON source (project_id, created_at);
      CREATE TABLE IF NOT EXISTS micrograph (
        id TEXT PRIMARY KEY, project_id TEXT NOT NULL, source_id TEXT NOT NULL, ordinal INTEGER NOT NULL,
        name TEXT NOT NULL, content TEXT NOT NULL, calibration TEXT NOT NULL, record TEXT NOT NULL,
        signals TEXT NOT NULL, status TEXT NOT NULL, code TEXT, reason TEXT, thumbnail TEXT,
        specimen_id TEXT, session_id TEXT, series_id TEXT, state TEXT,
        created_at TEXT NOT NULL, created_by TEXT NOT NULL);
      CREATE INDEX IF NOT EXISTS micrograph_by_project ON micrograph (project_id, created_at, ordinal);
      CREATE INDEX IF NOT EXISTS micrograph_by_source ON micrograph (source_id, ordinal);
      CREATE TABLE IF NOT EXISTS series (
        id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, object_name TEXT NOT NULL,
        created_at TEXT NOT NULL);
      CREATE INDEX IF NOT EXISTS series_by_project ON series (project_id, created_at);`,
  },
  {
    name: "records-1",
    sql: `
      ALTER TABLE micrograph ADD COLUMN proposals TEXT NOT NULL DEFAULT '[]';
      ALTER TABLE micrograph ADD COLUMN described_by TEXT;
      ALTER TABLE micrograph ADD COLUMN described_at TEXT;
      ALTER TABLE micrograph ADD COLUMN content_by TEXT;
      ALTER TABLE micrograph ADD COLUMN suggestions TEXT NOT NULL DEFAULT '[]';
      ALTER TABLE micrograph ADD COLUMN picture_id TEXT;
      ALTER TABLE micrograph ADD COLUMN picture_by TEXT;
      ALTER TABLE source ADD COLUMN in_place TEXT;
      CREATE INDEX IF NOT EXISTS source_by_sha256 ON source (sha256);
      CREATE TABLE IF NOT EXISTS specimen (
        id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, form TEXT, note TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL, created_by TEXT NOT NULL, UNIQUE (project_id, name));
      CREATE TABLE IF NOT EXISTS instrument_session (
        id TEXT PRIMARY KEY, project_id TEXT NOT NULL, instrument TEXT, holder TEXT, operator TEXT, started_at TEXT,
        ended_at TEXT, created_at TEXT NOT NULL, created_by TEXT NOT NULL);
      CREATE INDEX IF NOT EXISTS instrument_session_by_project ON instrument_session (project_id, started_at);
      CREATE TABLE IF NOT EXISTS picture_print (
        micrograph_id TEXT PRIMARY KEY, width INTEGER NOT NULL, height INTEGER NOT NULL, frames INTEGER NOT NULL,
        base_name TEXT NOT NULL, coarse BLOB NOT NULL, detail BLOB NOT NULL);
      CREATE TABLE IF NOT EXISTS tag_word (
        word TEXT NOT NULL, source_id TEXT NOT NULL, PRIMARY KEY (word, source_id)) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS tag_word_by_source ON tag_word (source_id);
      CREATE TABLE IF NOT EXISTS watched_file (
        folder TEXT NOT NULL, path TEXT NOT NULL, bytes INTEGER NOT NULL, modified_ms REAL NOT NULL,
        source_id TEXT NOT NULL, PRIMARY KEY (folder, path));
      CREATE TABLE IF NOT EXISTS attachment (
        id TEXT PRIMARY KEY, project_id TEXT NOT NULL, on_type TEXT NOT NULL, on_id TEXT NOT NULL,
        file_name TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, media_type TEXT NOT NULL,
        added_by TEXT NOT NULL, added_at TEXT NOT NULL);
      CREATE INDEX IF NOT EXISTS attachment_by_project ON attachment (project_id, on_type, on_id);
      CREATE INDEX IF NOT EXISTS attachment_by_sha256 ON attachment (sha256);`,
  },
  ...stackPartMigrations,
  {
    name: "records-2",
    sql: "ALTER TABLE attachment ADD COLUMN removed_at TEXT; ALTER TABLE attachment ADD COLUMN removed_by TEXT;",
  },
  {
    // What the file said, once a person has said otherwise; null: nobody has.
    name: "recorded-calibration-1",
    sql: "ALTER TABLE micrograph ADD COLUMN recorded_calibration TEXT;",
  },
];
