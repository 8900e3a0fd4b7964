import type { Migration } from "#server/jobs/sql.ts";

/** Tables of people, projects and the ways in. Secrets are stored hashed. */
export const accessMigrations: readonly Migration[] = [
  {
    name: "access-1",
    sql: `
      CREATE TABLE IF NOT EXISTS principal (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, colour TEXT NOT NULL,
        administrator INTEGER NOT NULL DEFAULT 0, host_id TEXT, invitation_id TEXT, password TEXT,
        created_at TEXT NOT NULL);
      CREATE UNIQUE INDEX IF NOT EXISTS person_by_name ON principal (lower(name)) WHERE kind = 'person';
      CREATE TABLE IF NOT EXISTS group_member (
        group_id TEXT NOT NULL, principal_id TEXT NOT NULL, PRIMARY KEY (group_id, principal_id));
      CREATE TABLE IF NOT EXISTS session (
        hash TEXT PRIMARY KEY, principal_id TEXT NOT NULL, created_at TEXT NOT NULL, expires_at_ms INTEGER NOT NULL);
      CREATE INDEX IF NOT EXISTS session_by_principal ON session (principal_id);
      CREATE TABLE IF NOT EXISTS sign_in_link (
        hash TEXT PRIMARY KEY, principal_id TEXT NOT NULL, expires_at_ms INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS sign_in_link_use (hash TEXT PRIMARY KEY, used_at TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS api_token (
        id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, principal_id TEXT NOT NULL, name TEXT NOT NULL,
        project_id TEXT, role TEXT, created_at TEXT NOT NULL, expires_at_ms INTEGER);
      CREATE TABLE IF NOT EXISTS project (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, owner_id TEXT NOT NULL, demo INTEGER NOT NULL DEFAULT 0,
        created_at TEXT NOT NULL, deleted_at TEXT, deleted_by TEXT);
      CREATE TABLE IF NOT EXISTS membership (
        project_id TEXT NOT NULL, principal_id TEXT NOT NULL, role TEXT NOT NULL,
        may_download INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL, invitation_id TEXT, since TEXT NOT NULL,
        PRIMARY KEY (project_id, principal_id));
      CREATE INDEX IF NOT EXISTS membership_by_principal ON membership (principal_id);
      CREATE TABLE IF NOT EXISTS invitation (
        id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, project_id TEXT NOT NULL, role TEXT NOT NULL,
        created_by TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT NOT NULL, max_uses INTEGER,
        waiting_room INTEGER NOT NULL, path TEXT NOT NULL, revoked_at TEXT);
      CREATE INDEX IF NOT EXISTS invitation_by_project ON invitation (project_id);
      CREATE TABLE IF NOT EXISTS invitation_use (
        invitation_id TEXT NOT NULL, ordinal INTEGER NOT NULL, principal_id TEXT NOT NULL, used_at TEXT NOT NULL,
        PRIMARY KEY (invitation_id, ordinal));`,
  },
  {
    name: "access-2: what happened to a project, the administrator's visits, tombstones, identities from elsewhere",
    sql: `
      ALTER TABLE principal ADD COLUMN left_at TEXT;
      CREATE TABLE project_event (
        id INTEGER PRIMARY KEY, project_id TEXT NOT NULL, at TEXT NOT NULL, principal_id TEXT NOT NULL,
        kind TEXT NOT NULL, detail TEXT NOT NULL DEFAULT '{}');
      CREATE INDEX project_event_by_project ON project_event (project_id, id);
      CREATE TABLE project_visit (
        project_id TEXT NOT NULL, principal_id TEXT NOT NULL, until_ms INTEGER NOT NULL,
        PRIMARY KEY (project_id, principal_id));
      CREATE TABLE tombstone (
        kind TEXT NOT NULL, id TEXT NOT NULL, project_id TEXT, sha256 TEXT, deleted_by TEXT NOT NULL,
        deleted_at TEXT NOT NULL, erased_at TEXT NOT NULL, PRIMARY KEY (kind, id));
      CREATE TABLE erasure_step (id INTEGER PRIMARY KEY, payload TEXT NOT NULL);
      CREATE TABLE external_identity (
        issuer TEXT NOT NULL, subject TEXT NOT NULL, principal_id TEXT NOT NULL, since TEXT NOT NULL,
        PRIMARY KEY (issuer, subject));`,
  },
  {
    name: "access-3: written to find out whether the store can be written",
    sql: "CREATE TABLE heartbeat (one INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL);",
  },
  {
    name: "access-4: single files in the bin",
    sql: `CREATE TABLE binned_source (
      source_id TEXT PRIMARY KEY, project_id TEXT NOT NULL, deleted_at TEXT NOT NULL, deleted_by TEXT NOT NULL);`,
  },
  {
    name: "access-5: the reason of an administrator's visit",
    sql: "ALTER TABLE project_visit ADD COLUMN reason TEXT NOT NULL DEFAULT '';",
  },
];
