import type { Readable } from "node:stream";

/**
 * Bytes by key. Keys are opaque to drivers ("originals/<sha256>", "derived/<hash>/pyramid.tif"); a put is whole or not
 * there at all (temporary file, fsync, rename, fsync of the folder).
 */
export interface BlobStore {
  put(key: string, body: Readable | Uint8Array): Promise<{ readonly bytes: number; readonly sha256: string }>;
  /** Move a finished local file in, without copying where the driver can. */
  adopt(key: string, path: string): Promise<void>;
  size(key: string): Promise<number | undefined>;
  read(key: string, offset: number, length: number): Promise<Uint8Array>;
  stream(key: string, range?: { readonly start: number; readonly end: number }): Readable;
  /** Path of the blob on this machine where the driver has one (workers map and read it), else undefined. */
  localPath(key: string): string | undefined;
  delete(key: string): Promise<void>;
  close(): Promise<void>;
}
