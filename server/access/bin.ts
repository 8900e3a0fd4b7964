import { formatRoomName } from "#core/protocol/rooms.ts";
import { originalKey } from "#server/ingest/read-source.ts";
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
    await this.#ports.sql.write(await this.#erasure(projectId));
    await this.finish();
  }

  /** Erases what has rested long enough, and finishes what a killed process began. @returns how many projects went */
  async sweep(): Promise<number> {
    await this.finish();
    const before = new Date(this.#now() - binRetentionMs).toISOString();
    const old = await this.#ports.sql.read<{ id: string }>("SELECT id FROM project WHERE deleted_at < ?", [
      before,
    ]);
    for (const { id } of old) await this.erase(id);
    return old.length;
  }

  /** Newest first. */
  tombstones(limit: number): Promise<readonly Tombstone[]> {
    return this.#ports.sql.read<Tombstone>(
      `SELECT kind, id, sha256, deleted_by AS deletedBy, deleted_at AS deletedAt, erased_at AS erasedAt
       FROM tombstone ORDER BY erased_at DESC, id LIMIT ?`,
      [limit],
    );
  }

  async #erasure(projectId: string): Promise<Statement[]> {
    const { sql } = this.#ports;
    const [project] = await sql.read<{ deleted_by: string; deleted_at: string }>(
      "SELECT deleted_by, deleted_at FROM project WHERE id = ? AND deleted_at IS NOT NULL",
      [projectId],
    );
    const { deleted_by = "", deleted_at = "" } = project ?? {};
    const erasedAt = new Date(this.#now()).toISOString();
    const bury = (kind: string, id: string, sha256: string | null): Statement => ({
      sql: `INSERT INTO tombstone (kind, id, project_id, sha256, deleted_by, deleted_at, erased_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)`,
      params: [kind, id, projectId, sha256, deleted_by, deleted_at, erasedAt],
    });
    const sources = await sql.read<{ id: string; sha256: string | null }>(
      "SELECT id, sha256 FROM source WHERE project_id = ?",
      [projectId],
    );
    const ofProject = ["source", "micrograph", "series", "job", "membership", "invitation", "api_token"];
    const visits = ["project_visit", "project_event"];
    return [
      // First: where somebody has just brought it back, nothing of what follows happens.
      {
        sql: "DELETE FROM project WHERE id = ? AND deleted_at IS NOT NULL",
        params: [projectId],
        mustChange: 1,
      },
      bury("project", projectId, null),
      ...sources.map(({ id, sha256 }) => bury("source", id, sha256)),
      ...(await this.#steps(projectId)).map((step) => ({
        sql: "INSERT INTO erasure_step (payload) VALUES (?)",
        params: [JSON.stringify(step)],
      })),
      ...[...ofProject, ...visits].map((table) => ({
        sql: `DELETE FROM ${table} WHERE project_id = ?`,
        params: [projectId],
      })),
    ];
  }

  /** What is to be removed besides records: bytes of sources, archives that jobs made, rooms. */
  async #steps(projectId: string): Promise<ErasureStep[]> {
    const { sql } = this.#ports;
    const micrographs = await sql.read<{
      id: string;
      sha256: string | null;
      record: string;
      signals: string;
    }>(
      `SELECT m.id, s.sha256, m.record, m.signals FROM micrograph m JOIN source s ON s.id = m.source_id
       WHERE m.project_id = ?`,
      [projectId],
    );
    const hashes = await sql.read<{ sha256: string }>(
      "SELECT DISTINCT sha256 FROM source WHERE project_id = ? AND sha256 IS NOT NULL",
      [projectId],
    );
    const bytesOf = hashes.map(({ sha256 }) => ({
      sha256,
      blobs: [
        ...micrographs.filter((micrograph) => micrograph.sha256 === sha256).flatMap(derivedBlobs),
        originalKey(sha256),
      ],
    }));
    const archives = await sql.read<{ result: string }>(
      "SELECT result FROM job WHERE project_id = ? AND result IS NOT NULL",
      [projectId],
    );
    const archiveKeys = archives.flatMap(({ result }) => {
      const made = JSON.parse(result) as { blobKey?: string } | null;
      return made?.blobKey ?? [];
    });
    const rooms = micrographs.flatMap(({ id: micrographId }) => [
      formatRoomName({ kind: "annotations", micrographId }),
      formatRoomName({ kind: "record", micrographId }),
    ]);
    return [
      { rooms: [...rooms, formatRoomName({ kind: "shared", projectId })] },
      ...bytesOf,
      { blobs: archiveKeys, sha256: null },
    ];
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
      const users = await sql.read("SELECT id FROM source WHERE sha256 = ? LIMIT 1", [sha256]);
      if (users.length === 0) await remove();
    });
  }
}

function derivedBlobs(micrograph: { sha256: string | null; record: string; signals: string }): string[] {
  const { frames } = JSON.parse(micrograph.record) as { frames: number };
  const signals = JSON.parse(micrograph.signals) as { imageIndex: number }[];
  const derivations = signals.map(({ imageIndex }) => derivationOf(micrograph.sha256 ?? "", imageIndex));
  return derivations.flatMap((derivation) =>
    Array.from({ length: frames }, (_, frame) =>
      Object.values(derivedKeys).map((keyOf) => keyOf(derivation, frame)),
    ).flat(),
  );
}
