import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Ingest } from "#server/ingest/ingest.ts";
import type { JobContext, JobQueue } from "#server/jobs/job-queue.ts";
import { createWorkerPool } from "#server/jobs/worker-pool.ts";
import type { BlobStore } from "#server/storage/blob-store.ts";
import type { TileStore } from "#server/tiles/tile-store.ts";
import { ExportError } from "./export-error.ts";
import type { ExportedDataset, ExportTask } from "./export-worker.ts";
import { type GatherDeps, gatherDataset } from "./gather-dataset.ts";
import { renderPicture } from "./render-picture.ts";
import { type ArchiveEntry, writeArchive } from "./write-archive.ts";

export const exportJob = "export";

/** What was asked for; kept with the job. */
export interface ExportRequest {
  readonly format: string;
  readonly micrographIds?: readonly string[];
}

/** Where the archive lies once the job is done. */
export interface ExportArchive {
  readonly blobKey: string;
  readonly fileName: string;
  readonly bytes: number;
}

export interface ExportJobDeps extends Omit<GatherDeps, "micrographs"> {
  readonly jobs: JobQueue;
  readonly ingest: Ingest;
  readonly tiles: TileStore;
  readonly blobs: BlobStore;
  readonly projectName: (projectId: string) => Promise<string | undefined>;
  readonly workFolder: string;
}

/** Says how exports are made: gathered, written by a worker, pictures rendered one by one, zipped, kept as a blob. */
export function createExportJobs(deps: ExportJobDeps): { close(): Promise<void> } {
  const workers = createWorkerPool({
    module: new URL("./export-worker.ts", import.meta.url),
    apart: "threads",
    most: 1,
  });

  deps.jobs.handle(exportJob, async (context) => {
    const { format, micrographIds } = context.job.payload as ExportRequest;
    const { projectId } = context.job;
    const name = await deps.projectName(projectId);
    if (name === undefined) {
      throw new ExportError("nothing-to-export", "The project was deleted before its export was made.");
    }
    const gather = { ...deps, micrographs: deps.ingest.catalogue };
    const dataset = await gatherDataset(gather, { id: projectId, name }, micrographIds);
    if (dataset.micrographs.length === 0) {
      throw new ExportError(
        "nothing-to-export",
        "There is no micrograph to export: add one, or choose others.",
      );
    }
    context.progress(0.1);
    const task: ExportTask = { format, dataset };
    const exported = await workers.run<ExportedDataset>("exportDataset", task, {
      silenceMs: 10 * 60_000,
      signal: context.signal,
    });
    return keepArchive(deps, context, exported, archiveName(name, format, dataset.exportedAt));
  });

  return { close: () => workers.close() };
}

async function keepArchive(
  deps: ExportJobDeps,
  context: JobContext,
  dataset: ExportedDataset,
  fileName: string,
): Promise<ExportArchive> {
  await mkdir(deps.workFolder, { recursive: true });
  const path = join(deps.workFolder, `${context.job.id}.zip`);
  try {
    await writeArchive(path, entriesOf(deps, context, dataset));
    const { size: bytes } = await stat(path);
    const blobKey = `exports/${context.job.id}.zip`;
    await deps.blobs.adopt(blobKey, path);
    // An erasure of the project takes its jobs along: then nobody would ever remove what this one made.
    if (!(await deps.jobs.get(context.job.id))) {
      await deps.blobs.delete(blobKey);
      throw new ExportError("nothing-to-export", "The project was erased while its export was made.");
    }
    return { blobKey, fileName, bytes };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** The files, and the pictures as they are rendered. */
async function* entriesOf(
  deps: ExportJobDeps,
  { signal, progress }: JobContext,
  { files, images }: ExportedDataset,
): AsyncIterable<ArchiveEntry> {
  yield* files;
  for (const [i, request] of images.entries()) {
    signal.throwIfAborted();
    const micrograph = await deps.ingest.catalogue.micrograph(request.micrographId);
    if (!micrograph) continue;
    yield { path: request.path, bytes: await renderPicture(deps, micrograph, request), packed: true };
    progress(0.2 + (0.75 * (i + 1)) / images.length);
  }
}

function archiveName(project: string, format: string, exportedAt: string): string {
  const stem = project
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .slice(0, 60);
  return `${stem || "dataset"}-${format}-${exportedAt.slice(0, 10)}.zip`;
}
