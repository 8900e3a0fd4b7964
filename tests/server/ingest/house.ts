import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { createIngest, type IngestDeps } from "#server/ingest/ingest.ts";
import { micrographMigrations } from "#server/ingest/micrograph-migrations.ts";
import { jobMigrations } from "#server/jobs/job-table.ts";
import { openEmbeddedStore } from "#server/storage/embedded/embedded-store.ts";
import { inOrder } from "#server/storage/embedded/migrations.ts";
import { DirectoryBlobStore } from "#server/storage/files/directory-blob-store.ts";
import { createTileStore } from "#server/tiles/tile-store.ts";

/** A server's storage and ingest in a folder of its own; opened again on the same folder it is the server restarted. */
export async function openHouse(folder: string, options: Partial<IngestDeps> = {}) {
  const store = await openEmbeddedStore({
    dataDir: folder,
    migrations: [inOrder("jobs", jobMigrations), inOrder("micrographs", micrographMigrations)],
  });
  const blobs = await DirectoryBlobStore.open(join(folder, "blobs"));
  const ingest = createIngest({
    sql: store.sql,
    blobs,
    log: store.documentLog,
    workFolder: join(folder, "work"),
    concurrency: 1,
    ...options,
  });
  return {
    store,
    blobs,
    ingest,
    tiles: createTileStore(blobs),
    async close() {
      await ingest.close();
      await store.close();
    },
  };
}

export type House = Awaited<ReturnType<typeof openHouse>>;

export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "lamella-ingest-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A 16-bit grey TIFF or PNG on disk, written by libvips. */
export async function writePicture(
  path: string,
  pixels: Uint16Array,
  width: number,
  height: number,
): Promise<string> {
  const picture = sharp(pixels, { raw: { width, height, channels: 1 } }).toColourspace("grey16");
  const bytes = path.endsWith(".png")
    ? await picture.png().toBuffer()
    : await picture.tiff({ compression: "none" }).toBuffer();
  await writeFile(path, bytes);
  return path;
}

export const owner = { projectId: "project1", principalId: "person01" } as const;

/** Bytes as a file of this name, taken in. @returns its source once it was read or refused */
export async function takeIn(house: House, folder: string, name: string, bytes: Uint8Array) {
  const path = join(folder, name);
  await writeFile(path, bytes);
  const { sourceId } = await house.ingest.ingestFile(path, owner);
  await house.ingest.settled(sourceId);
  return (await house.ingest.catalogue.source(sourceId))!;
}
