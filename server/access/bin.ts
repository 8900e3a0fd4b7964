import { formatRoomName } from "#core/protocol/rooms.ts";
import { attachmentErasure } from "#server/ingest/attachment-erasure.ts";
import type { MicrographCatalogue } from "#server/ingest/micrograph-catalogue.ts";
import { originalKey } from "#server/ingest/read-source.ts";
import { stackLogKeys } from "#server/ingest/stack-log-table.ts";
import type { Sql, Statement } from "#server/jobs/sql.ts";
import type { BlobStore } from "#server/storage/blob-store.ts";
import { inTurnForBlob } from "#server/storage/blob-turns.ts";
import type { DocumentLog } from "#server/storage/document-log.ts";
import { derivationOf, derivedKeys } from "#server/tiles/derived-keys.ts";

/** How long a deleted project can be brought back. */
export const binRetentionMs = 30 * 24 * 3600_000;

export interface BinnedProject {
  readonly id: string;
  readonly name: string;
  readonly deletedAt: string;
  readonly deletedBy: string;
}

export interface BinnedFile {
  readonly id: string;
  readonly fileName: string;
  readonly bytes: number;
  readonly createdBy: string;
  readonly deletedAt: string;
  readonly deletedBy: string;
}

type Deletion = Pick<BinnedFile, "deletedAt" | "deletedBy">;

/** Where a project's deleted files are: in no project that anybody can be a member of. */
export const binOf = (projectId: string) => `bin:${projectId}`;

/** What stays of something erased: that it was there, its bytes' hash, who deleted it and when. */
export interface Tombstone {
  readonly kind: "project" | "source" | "person";
  readonly id: string;
  readonly sha256: string | null;
  readonly deletedBy: string;
  readonly deletedAt: string;
  readonly erasedAt: string;
}

/** Work that is left after the records are gone; on disk, so that a killed process leaves nothing behind for good. */
type ErasureStep =
  | { readonly blobs: readonly string[]; readonly sha256: string | null }
  | { readonly rooms: readonly string[] };

export interface BinPorts {
  readonly sql: Sql;
  readonly blobs: BlobStore;
  readonly log: Pick<DocumentLog, "erase">;
  readonly moveSource: MicrographCatalogue["moveSource"];
  readonly now?: () => number;
}

/** Deleted projects: 30 days in which their owners bring them back, then a tombstone. */
export class Bin {
  readonly #ports: BinPorts;
  readonly #now: () => number;

  constructor(ports: BinPorts) {
    this.#ports = ports;
    this.#now = ports.now ?? Date.now;
  }

  /** What this person could bring back: projects of the bin that they own. */
  ownedBy(principalId: string): Promise<readonly BinnedProject[]> {
    return this.#ports.sql.read<BinnedProject>(
      `SELECT DISTINCT j.id, j.name, j.deleted_at AS deletedAt, j.deleted_by AS deletedBy
       FROM project j JOIN membership m ON m.project_id = j.id
       WHERE j.deleted_at IS NOT NULL AND m.role = 'owner' AND m.state = 'in'
         AND (m.principal_id = ? OR m.principal_id IN (SELECT group_id FROM group_member WHERE principal_id = ?))
       ORDER BY j.deleted_at DESC`,
      [principalId, principalId],
    );
  }

  /** @throws StorageError "conflict" where it is not in the bin (any more) */
  async restore(projectId: string): Promise<void> {
    await this.#ports.sql.write([
      {
        sql: "UPDATE project SET deleted_at = NULL, deleted_by = NULL WHERE id = ? AND deleted_at IS NOT NULL",
        params: [projectId],
        mustChange: 1,
      },
    ]);
  }

  /**
   * For good: records, marks with their history, and the bytes that no other source uses. Tombstones stay.
   * @throws StorageError "conflict" where the project is not in the bin (any more)
   */
  async erase(projectId: string): Promise<void> {
    await this.#ports.sql.write(await this.#erasureOfProject(projectId));
    await this.finish();
  }

  /** A file with its micrographs and marks, out of its project and into the project's bin. */
  async binFile(sourceId: string, projectId: string, principalId: string): Promise<void> {
    const { sql, moveSource } = this.#ports;
    await sql.write([
      {
        sql: "INSERT OR REPLACE INTO binned_source (source_id, project_id, deleted_at, deleted_by) VALUES (?, ?, ?, ?)",
        params: [sourceId, projectId, new Date(this.#now()).toISOString(), principalId],
      },
    ]);
    await moveSource(sourceId, binOf(projectId));
  }

  filesOf(projectId: string): Promise<readonly BinnedFile[]> {
    return this.#ports.sql.read<BinnedFile>(
      `SELECT s.id, s.file_name AS fileName, s.bytes, s.created_by AS createdBy, b.deleted_at AS deletedAt,
         b.deleted_by AS deletedBy
       FROM binned_source b JOIN source s ON s.id = b.source_id WHERE b.project_id = ? AND s.project_id = ?
       ORDER BY b.deleted_at DESC`,
      [projectId, binOf(projectId)],
    );
  }

  async restoreFile(sourceId: string, projectId: string): Promise<void> {
    const { sql, moveSource } = this.#ports;
    const params = [projectId, sourceId];
    // As one, so that of a restoring and an erasing at the same moment one finds nothing to do.
    await sql.write([
      { sql: "DELETE FROM binned_source WHERE source_id = ?", params: [sourceId], mustChange: 1 },
      { sql: "UPDATE source SET project_id = ? WHERE id = ?", params },
      { sql: "UPDATE micrograph SET project_id = ? WHERE source_id = ?", params },
    ]);
    // For what the catalogue remembers of its place.
    await moveSource(sourceId, projectId);
  }

  /** For good. Nothing happens to a file that is not in the bin. */
  async eraseFile(sourceId: string): Promise<void> {
    const { sql } = this.#ports;
    const [file] = await sql.read<Deletion & { projectId: string }>(
      `SELECT project_id AS projectId, deleted_by AS deletedBy, deleted_at AS deletedAt
       FROM binned_source WHERE source_id = ?`,
      [sourceId],
    );
    if (!file) return;
    // With a stack go the files that its frames were read from, unless another stack is made of them.
    const where = `(s.id = ? AND s.project_id = ?) OR (s.project_id = ? AND s.id IN (
      SELECT p.source_id FROM stack_part p JOIN source ps ON ps.id = p.source_id
      JOIN stack_file f ON f.sha256 = ps.sha256 JOIN source st ON st.sha256 = f.stack_sha256 WHERE st.id = ?
      AND NOT EXISTS (SELECT 1 FROM stack_file f2 JOIN source s2 ON s2.sha256 = f2.stack_sha256
                      WHERE f2.sha256 = ps.sha256 AND s2.id <> st.id AND s2.project_id = p.project_id)))`;
    await sql.write([
      { sql: "DELETE FROM binned_source WHERE source_id = ?", params: [sourceId], mustChange: 1 },
      ...(await this.#erasureOfSources(
        where,
        [sourceId, binOf(file.projectId), file.projectId, sourceId],
        file.projectId,
        file,
      )),
    ]);
    await this.finish();
  }

  /** Erases what has rested long enough, and finishes what a killed process began. @returns how many projects and files went */
  async sweep(): Promise<number> {
    await this.finish();
    const before = new Date(this.#now() - binRetentionMs).toISOString();
    const old = await this.#ports.sql.read<{ id: string }>("SELECT id FROM project WHERE deleted_at < ?", [
      before,
    ]);
    for (const { id } of old) await this.erase(id);
    const oldFiles = await this.#ports.sql.read<{ source_id: string }>(
      "SELECT source_id FROM binned_source WHERE deleted_at < ?",
      [before],
    );
    for (const { source_id } of oldFiles) await this.eraseFile(source_id);
    await this.#eraseAttachments(before);
    return old.length + oldFiles.length;
  }

  async #eraseAttachments(removedBefore: string): Promise<void> {
    const { sql } = this.#ports;
    const { statements, hashes } = await attachmentErasure(sql, "a.removed_at < ?", [removedBefore]);
    if (statements.length === 0) return;
    await sql.write([
      ...statements,
      ...hashes.map((sha256) => later({ sha256, blobs: [originalKey(sha256)] })),
    ]);
    await this.finish();
  }

  /** Newest first. */
  tombstones(limit: number): Promise<readonly Tombstone[]> {
    return this.#ports.sql.read<Tombstone>(
      `SELECT kind, id, sha256, deleted_by AS deletedBy, deleted_at AS deletedAt, erased_at AS erasedAt
       FROM tombstone ORDER BY erased_at DESC, id LIMIT ?`,
      [limit],
    );
  }

  async #erasureOfProject(projectId: string): Promise<Statement[]> {
    const { sql } = this.#ports;
    const [project] = await sql.read<Deletion>(
      "SELECT deleted_by AS deletedBy, deleted_at AS deletedAt FROM project WHERE id = ? AND deleted_at IS NOT NULL",
      [projectId],
    );
    const deletion = project ?? { deletedBy: "", deletedAt: "" };
    const places = [projectId, binOf(projectId)];
    const tables = [
      "series",
      "job",
      "membership",
      "invitation",
      "api_token",
      "project_visit",
      "project_event",
      "specimen",
      "instrument_session",
    ];
    const attached = await attachmentErasure(sql, "a.project_id = ?", [projectId]);
    const archives = await sql.read<{ result: string }>(
      "SELECT result FROM job WHERE project_id = ? AND result IS NOT NULL",
      [projectId],
    );
    const archiveKeys = archives.flatMap(({ result }) => {
      const made = JSON.parse(result) as { blobKey?: string } | null;
      return made?.blobKey ?? [];
    });
    return [
      // First: where somebody has just brought it back, nothing of what follows happens.
      {
        sql: "DELETE FROM project WHERE id = ? AND deleted_at IS NOT NULL",
        params: [projectId],
        mustChange: 1,
      },
      this.#bury("project", projectId, projectId, null, deletion),
      ...(await this.#erasureOfSources("s.project_id IN (?, ?)", places, projectId, deletion)),
      later({ rooms: [formatRoomName({ kind: "shared", projectId })] }),
      later({ blobs: archiveKeys, sha256: null }),
      ...attached.statements,
      ...attached.hashes.map((sha256) => later({ sha256, blobs: [originalKey(sha256)] })),
      ...tables.map((table) => ({ sql: `DELETE FROM ${table} WHERE project_id = ?`, params: [projectId] })),
    ];
  }

  /** @param where chooses sources, called `s` */
  async #erasureOfSources(
    where: string,
    params: readonly string[],
    projectId: string,
    deletion: Deletion,
  ): Promise<Statement[]> {
    const { sql } = this.#ports;
    const sources = await sql.read<{ id: string; sha256: string | null }>(
      `SELECT s.id, s.sha256 FROM source s WHERE ${where}`,
      params,
    );
    const micrographs = await sql.read<{
      id: string;
      sha256: string | null;
      record: string;
      signals: string;
    }>(
      `SELECT m.id, s.sha256, m.record, m.signals FROM micrograph m JOIN source s ON s.id = m.source_id WHERE ${where}`,
      params,
    );
    const hashes = [...new Set(sources.flatMap(({ sha256 }) => sha256 ?? []))];
    const rooms = micrographs.flatMap(({ id: micrographId }) => [
      formatRoomName({ kind: "annotations", micrographId }),
      formatRoomName({ kind: "record", micrographId }),
    ]);
    const logs = await Promise.all(micrographs.map(({ id }) => stackLogKeys(sql, id)));
    const attached = await attachmentErasure(
      sql,
      `a.on_type = 'micrograph' AND a.on_id IN (
         SELECT m.id FROM micrograph m JOIN source s ON s.id = m.source_id WHERE ${where})`,
      params,
    );
    const derivedOf = (sha256: string) =>
      micrographs.filter((micrograph) => micrograph.sha256 === sha256).flatMap(derivedBlobs);
    return [
      ...sources.map(({ id, sha256 }) => this.#bury("source", id, projectId, sha256, deletion)),
      later({ rooms }),
      later({ blobs: logs.flat(), sha256: null }),
      ...micrographs.flatMap(({ id }) =>
        ["stack_log_file", "frame_statistics", "picture_print"].map((table) => ({
          sql: `DELETE FROM ${table} WHERE micrograph_id = ?`,
          params: [id],
        })),
      ),
      ...attached.statements,
      ...attached.hashes.map((sha256) => later({ sha256, blobs: [originalKey(sha256)] })),
      ...hashes.map((sha256) => later({ sha256, blobs: [...derivedOf(sha256), originalKey(sha256)] })),
      ...sources.flatMap(({ id }) =>
        [
          "micrograph WHERE source_id = ?",
          "stack_part WHERE source_id = ?",
          "tag_word WHERE source_id = ?",
          "binned_source WHERE source_id = ?",
          "source WHERE id = ?",
        ].map((rows) => ({ sql: `DELETE FROM ${rows}`, params: [id] })),
      ),
    ];
  }

  #bury(
    kind: Tombstone["kind"],
    id: string,
    projectId: string,
    sha256: string | null,
    { deletedBy, deletedAt }: Deletion,
  ): Statement {
    return {
      sql: `INSERT INTO tombstone (kind, id, project_id, sha256, deleted_by, deleted_at, erased_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)`,
      params: [kind, id, projectId, sha256, deletedBy, deletedAt, new Date(this.#now()).toISOString()],
    };
  }

  /** Does what erasures have left to do. */
  async finish(): Promise<void> {
    const { sql, log } = this.#ports;
    const steps = await sql.read<{ id: number; payload: string }>(
      "SELECT id, payload FROM erasure_step ORDER BY id",
    );
    for (const { id, payload } of steps) {
      const step = JSON.parse(payload) as ErasureStep;
      if ("rooms" in step) await log.erase(step.rooms);
      else await this.#removeBlobs(step.blobs, step.sha256);
      await sql.write([{ sql: "DELETE FROM erasure_step WHERE id = ?", params: [id] }]);
    }
  }

  async #removeBlobs(keys: readonly string[], sha256: string | null): Promise<void> {
    const { sql, blobs } = this.#ports;
    const remove = async () => {
      for (const key of keys) await blobs.delete(key);
    };
    if (sha256 === null) return remove();
    await inTurnForBlob(blobs, originalKey(sha256), async () => {
      // Another project, or another upload since, may stand on the same bytes.
      const users = await sql.read(
        `SELECT id FROM source WHERE sha256 = ? UNION ALL SELECT id FROM attachment WHERE sha256 = ? UNION ALL
         SELECT s.id FROM stack_file f JOIN source s ON s.sha256 = f.stack_sha256 WHERE f.sha256 = ? LIMIT 1`,
        [sha256, sha256, sha256],
      );
      if (users.length === 0) await remove();
    });
  }
}

function later(step: ErasureStep): Statement {
  return { sql: "INSERT INTO erasure_step (payload) VALUES (?)", params: [JSON.stringify(step)] };
}

function derivedBlobs(micrograph: { sha256: string | null; record: string; signals: string }): string[] {
  const { frames } = JSON.parse(micrograph.record) as { frames: number };
  const signals = JSON.parse(micrograph.signals) as { imageIndex: number }[];
  // The same bytes may have been taken in twice, as they lie and turned as they ask.
  const derivations = signals.flatMap(({ imageIndex }) =>
    [false, true].map((turned) => derivationOf(micrograph.sha256 ?? "", imageIndex, turned)),
  );
  return derivations.flatMap((derivation) =>
    Array.from({ length: frames }, (_, frame) =>
      Object.values(derivedKeys).map((keyOf) => keyOf(derivation, frame)),
    ).flat(),
  );
}
