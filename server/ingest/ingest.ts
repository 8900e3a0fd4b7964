import type { Readable } from "node:stream";
import type { Sql } from "#server/jobs/sql.ts";
import type { BlobStore } from "#server/storage/blob-store.ts";
import type { MicrographCatalogue, SourceOptions, Status } from "./micrograph-catalogue.ts";

export interface IngestDeps {
  readonly sql: Sql;
  readonly blobs: BlobStore;
  /** A folder on the same disk as the blobs: files under way live here and nowhere else. */
  readonly workFolder: string;
}

export interface Accepted {
  readonly sourceId: string;
  readonly status: Status;
}

export interface IngestOptions extends SourceOptions {
  readonly projectId: string;
  readonly principalId: string;
  /** Shown name; default: the file's own. Never used as a path. */
  readonly fileName?: string;
}

/** From files to micrographs: accepts them, keeps them untouched, and has them read and tiled by workers. */
export interface Ingest {
  readonly catalogue: MicrographCatalogue;
  /** Copies a file of this machine in. */
  ingestFile(path: string, options: IngestOptions): Promise<Accepted>;
  /** Takes a stream of bytes, hashing while it arrives. */
  ingestStream(body: Readable, options: IngestOptions & { readonly fileName: string }): Promise<Accepted>;
  /** Resolves when the source is ready or failed. */
  settled(sourceId: string): Promise<Status>;
  close(): Promise<void>;
}
