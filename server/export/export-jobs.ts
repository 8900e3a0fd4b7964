import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { Zip, ZipDeflate, ZipPassThrough } from "fflate";
import type { ExportResult } from "#core/export/exporter.ts";
import type { Ingest } from "#server/ingest/ingest.ts";
import type { JobContext, JobQueue } from "#server/jobs/job-queue.ts";
import { createWorkerPool } from "#server/jobs/worker-pool.ts";
import type { BlobStore } from "#server/storage/blob-store.ts";
import type { TileStore } from "#server/tiles/tile-store.ts";
import { ExportError } from "./export-error.ts";
import type { ExportTask } from "./export-worker.ts";
import { type GatherDeps, gatherDataset } from "./gather-dataset.ts";
import { renderPicture } from "./render-picture.ts";

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
    const result = await workers.run<ExportResult>("exportDataset", task, {
      silenceMs: 10 * 60_000,
      signal: context.signal,
    });
    return writeArchive(deps, context, result, archiveName(name, format, dataset.exportedAt));
  });

  return { close: () => workers.close() };
}

async function writeArchive(
  deps: ExportJobDeps,
  context: JobContext,
  result: ExportResult,
  fileName: string,
): Promise<ExportArchive> {
  await mkdir(deps.workFolder, { recursive: true });
  const path = join(deps.workFolder, `${context.job.id}.zip`);
  const file = createWriteStream(path);
  let bytes = 0;
  let failure: Error | null = null;
  const zip = new Zip((error, chunk, final) => {
    failure ??= error;
    bytes += chunk?.length ?? 0;
    if (chunk) file.write(chunk);
    if (final) file.end();
  });
  try {
    for (const { path: name, text } of result.files) {
      const entry = new ZipDeflate(name, { level: 6 });
      zip.add(entry);
      entry.push(new TextEncoder().encode(text), true);
    }
    for (const [i, request] of result.images.entries()) {
      context.signal.throwIfAborted();
      const micrograph = await deps.ingest.catalogue.micrograph(request.micrographId);
      if (!micrograph) continue;
      const entry = new ZipPassThrough(request.path); // PNG is compressed already
      zip.add(entry);
      entry.push(await renderPicture(deps, micrograph, request), true);
      context.progress(0.2 + (0.75 * (i + 1)) / result.images.length);
    }
    zip.end();
    await finished(file);
    if (failure) throw failure;
    const blobKey = `exports/${context.job.id}.zip`;
    await deps.blobs.adopt(blobKey, path);
    // An erasure of the project takes its jobs along: then nobody would ever remove what this one made.
    if (!(await deps.jobs.get(context.job.id))) {
      await deps.blobs.delete(blobKey);
      throw new ExportError("nothing-to-export", "The project was erased while its export was made.");
    }
    return { blobKey, fileName, bytes };
  } catch (error) {
    file.destroy();
    await rm(path, { force: true });
    throw error;
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
