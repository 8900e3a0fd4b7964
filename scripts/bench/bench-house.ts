import { join } from "node:path";
import { createIngest } from "#server/ingest/ingest.ts";
import { micrographMigrations } from "#server/ingest/micrograph-migrations.ts";
import { jobMigrations } from "#server/jobs/job-table.ts";
import { openEmbeddedStore } from "#server/storage/embedded/embedded-store.ts";
import { inOrder } from "#server/storage/embedded/migrations.ts";
import { DirectoryBlobStore } from "#server/storage/files/directory-blob-store.ts";
import { createTileStore } from "#server/tiles/tile-store.ts";

export const owner = { projectId: "benchproject", principalId: "bencher1" } as const;

/** Store, ingest and tiles as the server has them, without rooms and pages. */
export async function openBenchHouse(dataDir: string) {
  const migrations = [inOrder("jobs", jobMigrations), inOrder("micrographs", micrographMigrations)];
  const store = await openEmbeddedStore({ dataDir, migrations });
  const blobs = await DirectoryBlobStore.open(join(dataDir, "blobs"));
  const ingest = createIngest({
    ...{ sql: store.sql, blobs, log: store.documentLog, workFolder: join(dataDir, "work") },
  });
  await ingest.start();
  return {
    ingest,
    blobs,
    tiles: createTileStore(blobs, undefined, ingest.openOriginal),
    async close() {
      await ingest.close();
      await store.close();
    },
  };
}
