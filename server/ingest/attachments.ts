import { createReadStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { DomainError } from "#core/errors/domain-error.ts";
import { type ColumnData, readColumnData } from "#core/formats/column-data.ts";
import { FormatError } from "#core/formats/reader.ts";
import type { Attachable, AttachmentShape } from "#core/protocol/api/attachments.ts";
import type { Sql, Statement } from "#server/jobs/sql.ts";
import type { BlobStore } from "#server/storage/blob-store.ts";
import { inTurnForBlob } from "#server/storage/blob-turns.ts";
import type { OriginalsInPlace } from "./originals-in-place.ts";
import { originalKey } from "./read-source.ts";
import { receiveFile, shownFileName } from "./receive-file.ts";
import { createId } from "./record-id.ts";

export interface AttachTo {
  readonly projectId: string;
  readonly principalId: string;
  readonly type: Attachable;
  readonly on: string;
}

/** Files of any kind on records of a project, kept under their SHA-256 as originals are. */
export interface Attachments {
  /** @throws UploadError; DomainError "not-found" where there is no such record in the project */
  add(
    body: Readable,
    to: AttachTo & { readonly fileName: string; readonly maxBytes: number; readonly announcedBytes?: number },
  ): Promise<AttachmentShape>;
  /**
   * A file that was sent as a picture and held none becomes an attachment; its failed source goes.
   * @throws DomainError "conflict" where it is no failed source any more
   */
  takeOver(sourceId: string, to: AttachTo): Promise<AttachmentShape>;
  list(projectId: string): Promise<readonly AttachmentShape[]>;
  get(projectId: string, attachmentId: string): Promise<AttachmentShape | undefined>;
  /** @throws FormatError where it holds no columns of numbers */
  columns(attachment: AttachmentShape): Promise<ColumnData>;
  /** Off its record; it rests 30 days, in which it can be put back. @throws StorageError "conflict" where it is not there */
  remove(projectId: string, attachmentId: string, principalId: string): Promise<void>;
  /** @throws StorageError "conflict" where it was not removed, or is gone for good */
  putBack(projectId: string, attachmentId: string): Promise<void>;
}

interface Row {
  readonly id: string;
  readonly on_type: string;
  readonly on_id: string;
  readonly file_name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly media_type: string;
  readonly added_by: string;
  readonly added_at: string;
}

const mostColumnBytes = 32 * 2 ** 20;
const mediaTypes: Readonly<Record<string, string>> = {
  ...{
    csv: "text/csv",
    tsv: "text/tab-separated-values",
    txt: "text/plain",
    md: "text/markdown",
    pdf: "application/pdf",
  },
  ...{
    msa: "text/x-emsa",
    emsa: "text/x-emsa",
    xy: "text/x-xy",
    xye: "text/x-xy",
    dat: "text/plain",
    asc: "text/plain",
  },
  ...{ cif: "chemical/x-cif", json: "application/json" },
};
const plottable = new Set(["csv", "tsv", "txt", "msa", "emsa", "xy", "xye", "dat", "asc", "eis", "mpt"]);
const tables: Readonly<Record<Exclude<Attachable, "project">, string>> = {
  ...{ micrograph: "micrograph", specimen: "specimen", session: "instrument_session", series: "series" },
};

/** @param folder on the disk of the blobs: files on their way in */
export function createAttachments(
  sql: Sql,
  blobs: BlobStore,
  inPlace: Pick<OriginalsInPlace, "locate">,
  folder: string,
): Attachments {
  const requireRecord = async ({ projectId, type, on }: AttachTo) => {
    const found =
      type === "project"
        ? on === projectId
        : (await sql.read(`SELECT id FROM ${tables[type]} WHERE id = ? AND project_id = ?`, [on, projectId]))
            .length > 0;
    if (!found)
      throw new DomainError(
        "not-found",
        `There is no such ${type} in this project (any more). Reload the page.`,
      );
  };

  const insert = (to: AttachTo, file: Omit<Row, "on_type" | "on_id" | "added_by">): Statement => ({
    sql: `INSERT INTO attachment (id, project_id, on_type, on_id, file_name, bytes, sha256, media_type, added_by, added_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [
      ...[file.id, to.projectId, to.type, to.on, file.file_name, file.bytes, file.sha256, file.media_type],
      ...[to.principalId, file.added_at],
    ],
  });
  const fileRow = (fileName: string, bytes: number, sha256: string) => ({
    ...{ id: createId(), file_name: fileName, bytes, sha256, added_at: new Date().toISOString() },
    media_type: mediaTypes[endingOf(fileName)] ?? "application/octet-stream",
  });

  /** Takes a finished file in as an original, then writes what stands on it. */
  const keep = async (
    path: string,
    file: { bytes: number; sha256: string },
    statements: readonly Statement[],
  ) => {
    const key = originalKey(file.sha256);
    await inTurnForBlob(blobs, key, async () => {
      if ((await blobs.size(key)) === file.bytes) await rm(path, { force: true });
      else await blobs.adopt(key, path);
      await sql.write(statements);
    });
  };

  return {
    async add(body, to) {
      await requireRecord(to);
      await mkdir(folder, { recursive: true });
      const path = join(folder, createId());
      const { maxBytes, announcedBytes } = to;
      const limits = { maxBytes, ...(announcedBytes === undefined ? {} : { announcedBytes }) };
      const received = await receiveFile(body, path, limits);
      const row = fileRow(shownFileName(to.fileName), received.bytes, received.sha256);
      await keep(path, received, [insert(to, row)]);
      return shown({ ...row, on_type: to.type, on_id: to.on, added_by: to.principalId });
    },

    async takeOver(sourceId, to) {
      await requireRecord(to);
      const [source] = await sql.read<{ file_name: string; bytes: number; sha256: string }>(
        "SELECT file_name, bytes, sha256 FROM source WHERE id = ? AND status = 'failed' AND sha256 IS NOT NULL",
        [sourceId],
      );
      const gone = {
        sql: "DELETE FROM source WHERE id = ? AND status = 'failed'",
        params: [sourceId],
        mustChange: 1,
      };
      if (!source)
        throw new DomainError(
          "conflict",
          "This file is not waiting to be attached (any more). Reload the page.",
        );
      const row = fileRow(source.file_name, Number(source.bytes), source.sha256);
      const statements = [
        gone,
        { sql: "DELETE FROM tag_word WHERE source_id = ?", params: [sourceId] },
        insert(to, row),
      ];
      const place =
        (await blobs.size(originalKey(source.sha256))) === undefined
          ? await inPlace.locate(source.sha256)
          : undefined;
      if (place) {
        // An attachment is kept; only originals of micrographs may stay where they are.
        await blobs.put(originalKey(source.sha256), createReadStream(place.path));
      }
      await inTurnForBlob(blobs, originalKey(source.sha256), () => sql.write(statements));
      return shown({ ...row, on_type: to.type, on_id: to.on, added_by: to.principalId });
    },

    async list(projectId) {
      const rows = await sql.read<Row>(
        "SELECT * FROM attachment WHERE project_id = ? AND removed_at IS NULL ORDER BY added_at, id",
        [projectId],
      );
      return rows.map(shown);
    },

    async get(projectId, attachmentId) {
      const [row] = await sql.read<Row>(
        "SELECT * FROM attachment WHERE id = ? AND project_id = ? AND removed_at IS NULL",
        [attachmentId, projectId],
      );
      return row && shown(row);
    },

    async columns({ sha256, bytes }) {
      if (bytes > mostColumnBytes)
        throw new FormatError("too-large", "Files up to 32 MiB are plotted. This one is kept as it is.");
      const text = new TextDecoder().decode(await blobs.read(originalKey(sha256), 0, bytes));
      return readColumnData(text);
    },

    async remove(projectId, attachmentId, principalId) {
      await sql.write([
        {
          sql: "UPDATE attachment SET removed_at = ?, removed_by = ? WHERE id = ? AND project_id = ? AND removed_at IS NULL",
          params: [new Date().toISOString(), principalId, attachmentId, projectId],
          mustChange: 1,
        },
      ]);
    },

    async putBack(projectId, attachmentId) {
      await sql.write([
        {
          sql: "UPDATE attachment SET removed_at = NULL, removed_by = NULL WHERE id = ? AND project_id = ? AND removed_at IS NOT NULL",
          params: [attachmentId, projectId],
          mustChange: 1,
        },
      ]);
    },
  };
}

function shown(row: Row): AttachmentShape {
  return {
    ...{
      id: row.id,
      on: { type: row.on_type, id: row.on_id },
      fileName: row.file_name,
      bytes: Number(row.bytes),
    },
    ...{ sha256: row.sha256, mediaType: row.media_type, addedBy: row.added_by, addedAt: row.added_at },
    plottable: plottable.has(endingOf(row.file_name)),
  };
}

function endingOf(fileName: string): string {
  return /\.([A-Za-z0-9]{1,8})$/.exec(fileName)?.[1]?.toLowerCase() ?? "";
}
