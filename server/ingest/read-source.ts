import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { isDomainError } from "#core/errors/domain-error.ts";
import { frameListEnding } from "#core/formats/frame-list.ts";
import { FormatError } from "#core/formats/reader.ts";
import type { Acquisition } from "#core/micrograph/acquisition.ts";
import type { TagTree } from "#core/micrograph/proposals-from-tags.ts";
import { proposeRecords, type RecordProposal } from "#core/micrograph/record-proposals.ts";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import type { JobContext, JobQueue } from "#server/jobs/job-queue.ts";
import { WorkError } from "#server/jobs/work-error.ts";
import type { WorkerPool } from "#server/jobs/worker-pool.ts";
import type { BlobStore } from "#server/storage/blob-store.ts";
import { inTurnForBlob } from "#server/storage/blob-turns.ts";
import { derivedKeys, recipe } from "#server/tiles/derived-keys.ts";
import { asTakenIn, derivationOfSignal } from "./as-taken-in.ts";
import { derivedFileNames, type FrameSummary, type SignalLook } from "./derive-frame.ts";
import { groupMicrographs } from "./group-micrographs.ts";
import type { DeriveFrameTask, SourceDescription } from "./ingest-worker.ts";
import type { MicrographCatalogue, NewMicrograph, Refusal, SourceOptions } from "./micrograph-catalogue.ts";
import type { SignalRecord } from "./micrograph-rows.ts";
import type { SourceLocation } from "./open-source.ts";
import { type OriginalsInPlace, type PlaceRecord, requireUnchanged } from "./originals-in-place.ts";
import type { PictureGroups } from "./picture-groups.ts";
import { createReadDocument } from "./read-document.ts";
import type { RecordCatalogue } from "./record-catalogue.ts";
import { createId } from "./record-id.ts";
import { nonFiniteNotes } from "./signal-notes.ts";
import type { FrameStatistics } from "./stack-log-table.ts";
import type { createStackParts } from "./stack-parts.ts";

export const readSourceJob = "read-source";
const deriveFrameJob = "derive-frame";

export interface ReadSourceDeps {
  readonly catalogue: MicrographCatalogue;
  readonly blobs: BlobStore;
  readonly jobs: JobQueue;
  readonly workers: WorkerPool;
  readonly limits: {
    readonly maxPixelsPerFrame: number;
    readonly maxImages: number;
    readonly describeMs: number;
    readonly silenceMs: number;
    readonly retryFrameMs: number;
  };
  /** Where workers write before their files are adopted. */
  readonly folder: string;
  /** Written here for the catalogue to show: "source <id>" and "micrograph <id>" → 0-1. */
  readonly progress: Map<string, number>;
  /** Files that are the frames of one stack. */
  readonly parts: ReturnType<typeof createStackParts>;
  readonly pictures: Pick<PictureGroups, "consider">;
  readonly inPlace: Pick<OriginalsInPlace, "locate">;
  readonly records: Pick<RecordCatalogue, "setProposals">;
}

/** A file to open; `place` where it was not copied and may change under our hands. */
type LocatedSource = SourceLocation & { readonly place?: PlaceRecord };

interface FramePayload {
  readonly micrographId: string;
  readonly signalId: string;
  readonly frame: number;
}

export function originalKey(sha256: string): string {
  return `originals/${sha256}`;
}

/**
 * The jobs between an accepted file and its tiles. Each step leaves something whole or nothing: the description is one
 * transaction, a derived frame counts once its summary is there. A job that runs again skips what is done.
 */
export function createReadSourceJobs(deps: ReadSourceDeps) {
  const { parts } = deps;
  const { catalogue, blobs, jobs, workers, limits, folder, progress, pictures, inPlace, records } = deps;
  const deriving = new Map<string, Promise<FrameSummary>>();
  /** Where the frames of stacks lie that were read a moment ago. */
  const stackFiles = new Map<string, { path: string; fileName: string; ofMany: true }[]>();
  /** Frames asked for, and until when asking again does nothing. */
  const requested = new Map<string, number>();

  const locate = async (sha256: string, fileName: string): Promise<LocatedSource> => {
    const { maxPixelsPerFrame, maxImages } = limits;
    const common = { fileName, limits: { maxPixelsPerFrame, maxImages } };
    const key = originalKey(sha256);
    if ((await blobs.size(key)) === undefined) {
      const place = await inPlace.locate(sha256);
      if (place) return { ...common, path: place.path, place };
    }
    const local = blobs.localPath(key);
    const path = local ?? join(folder, sha256);
    if (!local) await pipeline(blobs.stream(key), createWriteStream(path));
    return { ...common, path };
  };

  /** With the files that belong to it: the frames of a stack. */
  const locateWhole = async (sha256: string, fileName: string) => {
    const location = await locate(sha256, fileName);
    if (!fileName.endsWith(frameListEnding)) return location;
    let sidecars = stackFiles.get(sha256);
    if (!sidecars) {
      sidecars = [];
      for (const file of await parts.filesOf(sha256))
        sidecars.push({ path: (await locate(file, "")).path, fileName: file, ofMany: true });
      if (stackFiles.size >= 8) stackFiles.clear();
      stackFiles.set(sha256, sidecars);
    }
    return { ...location, sidecars };
  };

  const { describeMs } = limits;
  const documents = createReadDocument({
    ...{ catalogue, jobs, workers, describeMs, readSourceJob, locate },
    async propose(source, micrographId, found, tags) {
      const given = (await catalogue.sourceOptions(source.id))?.options ?? {};
      await records.setProposals(micrographId, proposalsFor(source.fileName, given, found, tags));
    },
  });

  /** Description of a source, once; the ids of its micrographs. */
  const describe = async (sourceId: string, location: LocatedSource, signal: AbortSignal) => {
    const description = await workers.run<SourceDescription>("describe", location, {
      silenceMs: limits.describeMs,
      signal,
    });
    if (location.place) await requireUnchanged(location.place);
    const given = (await catalogue.sourceOptions(sourceId))?.options ?? {};
    const found = groupMicrographs(location.fileName, description.images);
    const { format, others, tags } = description;
    const micrographs = found.map((m) => ({
      ...m,
      name: given.name && found.length === 1 ? given.name : m.name,
      calibration: given.calibration ?? m.calibration,
      proposals: proposalsFor(location.fileName, given, m, tags),
    }));
    const ids = await catalogue.describeSource(sourceId, {
      format,
      others: [...others] as never,
      tags,
      micrographs,
    });
    if (given.note) for (const id of ids) await catalogue.addWarnings(id, [given.note]);
    if (ids.length > 0) return ids;
    const held = others.map((o) => `${o.title} (${o.kind})`).join(", ");
    throw new FormatError("not-a-picture", `This file holds no picture${held ? `, but ${held}` : ""}.`);
  };

  /** Files of one frame, made or found. Two jobs that want the same one share the work. */
  const deriveOnce = (
    whole: LocatedSource,
    sha256: string,
    record: SignalRecord,
    frame: number,
    look: SignalLook | null,
    report: (fraction: number) => void,
    signal: AbortSignal,
  ): Promise<FrameSummary> => {
    const { imageIndex } = record;
    const derivation = derivationOfSignal(sha256, record);
    const location = asTakenIn(whole, record);
    const summaryKey = derivedKeys.summary(derivation, frame);
    const work = async () => {
      const bytes = await blobs.size(summaryKey);
      if (bytes !== undefined) return parseSummary(await blobs.read(summaryKey, 0, bytes));
      const own = join(folder, createId());
      await mkdir(own, { recursive: true });
      try {
        const provenance = { sourceSha256: sha256, image: imageIndex, frame, recipe };
        const task: DeriveFrameTask = { source: location, imageIndex, frame, look, folder: own, provenance };
        const summary = await workers.run<FrameSummary>("derive", task, {
          silenceMs: limits.silenceMs,
          onProgress: report,
          signal,
        });
        // In turn with an erasure of the same bytes: what is made for a file that is gone by then belongs to nobody.
        await inTurnForBlob(blobs, originalKey(sha256), async () => {
          if (!(await catalogue.isHeld(sha256)))
            throw new WorkError("stopped", "This file was erased while it was being read.");
          // What was written to while it was read is of no use to anybody.
          if (location.place) await requireUnchanged(location.place);
          await blobs.adopt(derivedKeys.native(derivation, frame), join(own, derivedFileNames.native));
          await blobs.adopt(derivedKeys.display(derivation, frame), join(own, derivedFileNames.display));
          await blobs.adopt(derivedKeys.thumbnail(derivation, frame), join(own, derivedFileNames.thumbnail));
          await blobs.put(summaryKey, new TextEncoder().encode(JSON.stringify(summary)));
        });
        return summary;
      } finally {
        await rm(own, { recursive: true, force: true });
      }
    };
    const running = deriving.get(summaryKey) ?? work().finally(() => deriving.delete(summaryKey));
    deriving.set(summaryKey, running);
    return running;
  };

  const recordSignal = async (
    micrographId: string,
    record: SignalRecord,
    derivation: string,
    { encoding, window, range, histogram, nonFiniteCount, held }: FrameSummary,
  ) => {
    const { tileType, tileScale, inexact } = encoding;
    const warnings = [
      ...(inexact ? [`${record.title}: ${inexact}.`] : []),
      ...(held
        ? [
            `${record.title}: the file is a pyramid and was not read whole. Range and histogram are those of its copy at 1/${2 ** (held.length - 1)} of the size.`,
          ]
        : []),
      ...nonFiniteNotes(record.title, nonFiniteCount, histogram),
    ];
    if (warnings.length > 0) await catalogue.addWarnings(micrographId, warnings);
    const signal = { ...record, tileType, tileScale, window, range, histogram: [...histogram], derivation };
    await catalogue.setSignal(micrographId, signal);
    if (record.id === "0") await catalogue.setThumbnail(micrographId, thumbnailUrl(micrographId, derivation));
  };

  const deriveMicrograph = async (
    micrograph: Micrograph,
    location: LocatedSource,
    sha256: string,
    report: (fraction: number) => void,
    signal: AbortSignal,
  ) => {
    await catalogue.setMicrographStatus(micrograph.id, "running");
    const records = await catalogue.signals(micrograph.id);
    for (const [i, record] of records.entries()) {
      const part = (fraction: number) => report((i + fraction) / records.length);
      const summary = await deriveOnce(location, sha256, record, 0, null, part, signal);
      await recordSignal(micrograph.id, record, derivationOfSignal(sha256, record), summary);
    }
    await catalogue.setMicrographStatus(micrograph.id, "ready");
    await pictures.consider(micrograph.id);
  };

  const readSource = async ({ job, progress: report, signal }: JobContext) => {
    const { sourceId } = job.payload as { sourceId: string };
    const source = await catalogue.source(sourceId);
    if (!source?.sha256) return;
    const { sha256 } = source;
    await catalogue.setSourceStatus(sourceId, "running");
    const location = await locateWhole(sha256, source.fileName);
    if (documents.isDocument(source)) return documents.read(source, location, signal);
    const place = (await catalogue.sourceOptions(sourceId))?.options.stack;
    if (place) {
      const look = () =>
        workers.run<SourceDescription>("describe", location, { silenceMs: limits.describeMs, signal });
      return parts.read(source, place, look);
    }
    const ids =
      source.micrographs.length > 0 ? source.micrographs : await describe(sourceId, location, signal);
    let refused: unknown;
    let usable = 0;
    for (const [i, id] of ids.entries()) {
      const micrograph = await catalogue.micrograph(id);
      const part = (fraction: number) => {
        progress.set(`micrograph ${id}`, fraction);
        progress.set(`source ${sourceId}`, (i + fraction) / ids.length);
        report((i + fraction) / ids.length);
      };
      try {
        if (micrograph && micrograph.status !== "ready") {
          await deriveMicrograph(micrograph, location, sha256, part, signal);
        }
        usable++;
      } catch (error) {
        if (signal.aborted) throw error;
        refused ??= error;
        await catalogue.setMicrographStatus(id, "failed", refusalOf(error));
      } finally {
        progress.delete(`micrograph ${id}`);
      }
    }
    progress.delete(`source ${sourceId}`);
    if (usable === 0) throw refused;
    await catalogue.setSourceStatus(sourceId, "ready");
    await documents.afterSeries(source, job.principalId);
  };

  const deriveLaterFrame = async ({ job, progress: report, signal }: JobContext) => {
    const { micrographId, signalId, frame } = job.payload as FramePayload;
    const micrograph = await catalogue.micrograph(micrographId);
    const source = micrograph && (await catalogue.source(micrograph.sourceId));
    const record = (await catalogue.signals(micrographId)).find((s) => s.id === signalId);
    if (!source?.sha256 || !record?.derivation) return;
    const location = await locateWhole(source.sha256, source.fileName);
    const look = {
      encoding: { tileType: record.tileType, tileScale: record.tileScale },
      window: record.window,
    };
    await deriveOnce(location, source.sha256, record, frame, look, report, signal);
  };

  jobs.handle(readSourceJob, readSource, async (job, refusal) => {
    const { sourceId } = job.payload as { sourceId: string };
    await catalogue.setSourceStatus(sourceId, "failed", refusal);
    const source = await catalogue.source(sourceId);
    for (const id of source?.micrographs ?? []) {
      const status = (await catalogue.micrograph(id))?.status;
      if (status !== "ready" && status !== "failed")
        await catalogue.setMicrographStatus(id, "failed", refusal);
    }
    if (source) await documents.afterSeries(source, job.principalId);
  });
  jobs.handle(deriveFrameJob, deriveLaterFrame);

  return {
    async requestFrame(micrographId: string, signalId: string, frame: number): Promise<void> {
      const key = `${micrographId} ${signalId} ${frame}`;
      const isHeld = () => (requested.get(key) ?? 0) > Date.now();
      const micrograph = isHeld() ? undefined : await catalogue.micrograph(micrographId);
      const known = micrograph?.signals.some((s) => s.id === signalId && s.derivation !== null);
      if (!micrograph || !known || frame < 0 || frame >= micrograph.frames || isHeld()) return;
      requested.set(key, Number.POSITIVE_INFINITY);
      const payload: FramePayload = { micrographId, signalId, frame };
      const { projectId, createdBy: principalId } = micrograph;
      const id = await jobs.enqueue({ kind: deriveFrameJob, payload, projectId, principalId, urgent: true });
      // A frame that failed is tried again, but not by every viewer that looks at it: asking costs nothing, deriving does.
      void jobs.settled(id).then((job) => {
        if (job.status === "done") requested.delete(key);
        else requested.set(key, Date.now() + limits.retryFrameMs);
      });
    },

    /** Range and mean of a frame, read now; undefined where there is no such frame or file. */
    async surveyFrame(
      micrographId: string,
      signalId: string,
      frame: number,
      aborted?: AbortSignal,
    ): Promise<FrameStatistics | undefined> {
      const micrograph = await catalogue.micrograph(micrographId);
      const source = micrograph && (await catalogue.source(micrograph.sourceId));
      const record = (await catalogue.signals(micrographId)).find((s) => s.id === signalId);
      if (!source?.sha256 || !record || frame >= micrograph!.frames) return undefined;
      const location = await locateWhole(source.sha256, source.fileName);
      return workers.run<FrameStatistics>(
        "surveyFrame",
        { source: asTakenIn(location, record), imageIndex: record.imageIndex, frame },
        { silenceMs: limits.silenceMs, ...(aborted ? { signal: aborted } : {}) },
      );
    },

    /** Sources that were accepted, but whose job never reached the disk. */
    async enlistForgotten(): Promise<void> {
      for (const { id, projectId, principalId } of await catalogue.unsettledSources()) {
        if (await jobs.hasOpen(readSourceJob, { sourceId: id })) continue;
        await jobs.enqueue({ kind: readSourceJob, payload: { sourceId: id }, projectId, principalId });
      }
    },
  };
}

/**
 * What a file's place, name and tags propose for one of its micrographs; nothing where somebody has said its state, and
 * nothing for pixels that were computed.
 */
function proposalsFor(
  fileName: string,
  { relativePath, pathFacts, state, calibration }: SourceOptions,
  { record }: NewMicrograph,
  tags: unknown,
): readonly RecordProposal[] {
  if (state || calibration) return [];
  return proposeRecords({
    fileName,
    relativePath: relativePath ?? null,
    acquisition: record.acquisition as Acquisition,
    tags: (tags ?? null) as TagTree,
    ...(pathFacts ? { pathFacts } : {}),
  });
}

export function thumbnailUrl(micrographId: string, derivation: string): string {
  return `/api/v1/micrographs/${micrographId}/thumbnail.jpg?v=${derivation.slice(0, 8)}`;
}

function parseSummary(bytes: Uint8Array): FrameSummary {
  return JSON.parse(new TextDecoder().decode(bytes)) as FrameSummary;
}

function refusalOf(error: unknown): Refusal {
  if (isDomainError(error)) return { code: error.code, reason: error.message };
  return { code: "internal", reason: error instanceof Error ? error.message : String(error) };
}
