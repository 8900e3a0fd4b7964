import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { strToU8, Zip, ZipDeflate, ZipPassThrough } from "fflate";
import { measureAnnotations } from "#core/analysis/measure-annotations.ts";
import { readShared } from "#core/document/shared-document.ts";
import { DomainError } from "#core/errors/domain-error.ts";
import type { Dataset, DatasetMicrograph } from "#core/export/dataset.ts";
import { exporters } from "#core/export/exporters.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import type { AppPorts } from "#server/http/app-ports.ts";
import type { JobHandler } from "#server/jobs/job-queue.ts";
import { measurementSeed, readAnnotations } from "#server/sync/read-annotations.ts";
import { renderPicture } from "./render-picture.ts";

export const exportJobKind = "export";
export const exportKey = (jobId: string) => `exports/${jobId}.zip`;

export interface ExportRequest {
  readonly format: string;
  /** null: the whole project. */
  readonly micrographIds: readonly string[] | null;
}

type ExportPorts = Pick<AppPorts, "access" | "rooms" | "ingest" | "blobs" | "tiles" | "version">;

/** Makes the archive of an export: the exporter's files, and the pictures it asks for, one at a time in memory. */
export function createExportJob(ports: ExportPorts): JobHandler {
  return async ({ job, progress, signal }) => {
    const request = job.payload as ExportRequest;
    const exporter = exporters.find(({ id }) => id === request.format);
    if (!exporter) {
      throw new DomainError(
        "unknown-format",
        `Expected one of ${exporters.map(({ id }) => id).join(", ")}; got "${request.format}".`,
      );
    }
    const micrographs = (await ports.ingest.catalogue.listMicrographs(job.projectId)).filter(
      ({ id, status }) =>
        status === "ready" && (request.micrographIds === null || request.micrographIds.includes(id)),
    );
    const dataset = await readDataset(ports, job.projectId, micrographs);
    const { files, images, fidelity } = exporter.export(dataset);

    const folder = join(ports.ingest.workFolder, "exports");
    await mkdir(folder, { recursive: true });
    const path = join(folder, `${job.id}.zip`);
    const archive = openArchive(path);
    try {
      for (const { path: name, text } of files) await archive.add(name, strToU8(text), true);
      for (const [i, image] of images.entries()) {
        if (signal.aborted)
          throw new DomainError("stopped", "The server is going down; the export begins anew with it.");
        const micrograph = micrographs.find(({ id }) => id === image.micrographId)!;
        await archive.add(image.path, await renderPicture(ports.tiles, micrograph, image), false);
        progress((i + 1) / images.length);
      }
      await archive.end();
      await ports.blobs.adopt(exportKey(job.id), path);
    } finally {
      archive.abandon();
      await rm(path, { force: true });
    }
    return { exact: fidelity.exact, approximated: fidelity.approximated, dropped: fidelity.dropped };
  };
}

function openArchive(path: string) {
  const out = createWriteStream(path);
  let failure: Error | undefined;
  out.on("error", (error) => {
    failure = error;
  });
  const zip = new Zip((error, chunk, final) => {
    if (error) failure = error;
    else out.write(chunk);
    if (final) out.end();
  });
  return {
    async add(name: string, bytes: Uint8Array, compress: boolean) {
      const entry = compress ? new ZipDeflate(name, { level: 6 }) : new ZipPassThrough(name);
      zip.add(entry);
      entry.push(bytes, true);
      if (out.writableNeedDrain) await once(out, "drain");
      if (failure) throw failure;
    },
    async end() {
      const finished = once(out, "finish");
      zip.end();
      await finished;
    },
    abandon: () => void out.destroy(),
  };
}

async function readDataset(
  ports: ExportPorts,
  projectId: string,
  micrographs: readonly Micrograph[],
): Promise<Dataset> {
  const project = await ports.access.catalogue.project(projectId);
  const shared = await ports.rooms.readDocument(formatRoomName({ kind: "shared", projectId }), readShared);
  const described: DatasetMicrograph[] = [];
  for (const micrograph of micrographs) described.push(await describe(ports, micrograph));
  return {
    projectName: project?.name ?? "",
    classes: [...shared.classes.values()],
    objects: [...shared.objects.values()].map(({ id, name }) => ({ id, name })),
    interfaces: [...shared.interfaces.values()],
    micrographs: described,
    exportedAt: new Date().toISOString(),
    version: ports.version,
  };
}

async function describe(ports: ExportPorts, micrograph: Micrograph): Promise<DatasetMicrograph> {
  const { id, name, width, height, frames, flags, seriesId, state, sourceId } = micrograph;
  const calibration = micrograph.calibration as Calibration;
  const source = await ports.ingest.catalogue.source(sourceId);
  const marks = await readAnnotations(ports.rooms, id, (document) => ({
    annotations: structuredClone([...document.annotations().values()]),
    invalid: structuredClone([...document.invalid()]),
  }));
  const people = await ports.rooms.authors(formatRoomName({ kind: "annotations", micrographId: id }));
  const authors: Record<string, string> = {};
  for (const mark of marks.annotations) {
    const principal = await ports.access.catalogue.principal(people.get(mark.authorClient) ?? "");
    authors[mark.id] = principal?.displayName ?? "unknown";
  }
  return {
    ...{ id, name, width, height, frames, calibration, flags, seriesId, authors, ...marks },
    sha256: source?.sha256 ?? null,
    state: state?.label ?? null,
    window: micrograph.signals[0]?.window ?? { low: 0, high: 1 },
    measurements: measureAnnotations(marks.annotations, calibration, { seed: measurementSeed }),
  };
}
