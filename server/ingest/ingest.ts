import { createReadStream } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import type { ConditionLog } from "#core/micrograph/condition-log.ts";
import { createJobQueue, type JobQueue } from "#server/jobs/job-queue.ts";
import type { Sql } from "#server/jobs/sql.ts";
import { createWorkerPool } from "#server/jobs/worker-pool.ts";
import type { Report } from "#server/report.ts";
import type { BlobStore } from "#server/storage/blob-store.ts";
import { inTurnForBlob } from "#server/storage/blob-turns.ts";
import type { DocumentLog } from "#server/storage/document-log.ts";
import type { OpenOriginal } from "#server/tiles/held-tiles.ts";
import { createTileStore } from "#server/tiles/tile-store.ts";
import { type Attachments, createAttachments } from "./attachments.ts";
import { catchUp } from "./catch-up.ts";
import { createDecoders } from "./decoders.ts";
import { createJointCatalogue, type JointCatalogue } from "./joint-catalogue.ts";
import { createMicrographCatalogue, type SourceOptions } from "./micrograph-catalogue.ts";
import type { Status } from "./micrograph-rows.ts";
import { createOriginals } from "./open-original.ts";
import {
  createOriginalsInPlace,
  type OriginalsInPlace,
  type PlaceRecord,
  requireUnchanged,
  type Sighting,
  sightingOf,
} from "./originals-in-place.ts";
import { createPictureGroups, type PictureGroups } from "./picture-groups.ts";
import { createReadSourceJobs, originalKey, readSourceJob } from "./read-source.ts";
import { hashFile, otherBytes, receiveFile, shownFileName, tooLarge, UploadError } from "./receive-file.ts";
import { createRecordCatalogue, type RecordCatalogue } from "./record-catalogue.ts";
import { createId } from "./record-id.ts";
import { createRecordedTogether } from "./recorded-together.ts";
import type { FrameStatistics } from "./stack-log-table.ts";
import { createStackParts } from "./stack-parts.ts";
import { createSuggestions, type Suggestions } from "./suggestions.ts";
import { createTagWords, type TagWords } from "./tag-words.ts";
import { takenAs, type WatchedFile, watchedFiles } from "./watched-files.ts";
import { createWatchedStacks, type WatchedStacks } from "./watched-stacks.ts";

export interface IngestLimits {
  readonly maxFileBytes: number;
  readonly maxPixelsPerFrame: number;
  readonly maxImages: number;
  /** Finding out what a file holds; and the longest silence of a worker that reads pixels. */
  readonly describeMs: number;
  readonly silenceMs: number;
  /** So much memory the files that are read at a time may take together. */
  readonly memoryBytes: number;
  /** How long a later frame that could not be derived is left alone. */
  readonly retryFrameMs: number;
}

export const defaultIngestLimits: IngestLimits = {
  maxFileBytes: 64 * 2 ** 30,
  maxPixelsPerFrame: 2 ** 31,
  maxImages: 4096,
  describeMs: 10_000,
  silenceMs: 60_000,
  memoryBytes: 2 ** 30,
  retryFrameMs: 60_000,
};

/** For the few tiles that a picture is recognised by. */
const printTilesBytes = 16 * 2 ** 20;

export interface IngestDeps {
  readonly sql: Sql;
  readonly blobs: BlobStore;
  /** Asked whether people have worked on a micrograph: then it stays one of its own. */
  readonly log: Pick<DocumentLog, "history">;
  /** A folder on the same disk as the blobs: files under way live here and nowhere else. */
  readonly workFolder: string;
  readonly limits?: Partial<IngestLimits>;
  /** Files read at a time; default: one a processor, at most four. */
  readonly concurrency?: number;
  /** The process's queue, when others put jobs into it too; its owner starts and closes it. */
  readonly jobs?: JobQueue;
  /** Told when a reader dies. */
  readonly report?: Report;
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
  /** Of a watched folder, or a resumable upload: it comes in once. */
  readonly watched?: WatchedFile;
  /** As its sender announced it, in hexadecimal. @throws UploadError "checksum" where the bytes are others */
  readonly announcedSha256?: string;
}

/** From files to micrographs: accepts them, keeps them untouched, and has them read and tiled by workers. */
export interface Ingest {
  readonly catalogue: JointCatalogue;
  /** What people say of the micrographs, and what is proposed to them. */
  readonly records: RecordCatalogue;
  /** Which micrographs are one picture saved several times. */
  readonly pictures: PictureGroups;
  readonly tagWords: TagWords;
  /** Files of any kind on records. */
  readonly attachments: Attachments;
  /** For the tiles of pictures whose pyramid is in the original. */
  readonly openOriginal: OpenOriginal;
  /** Originals that were left where they are. */
  readonly inPlace: OriginalsInPlace;
  /** What was taken from a watched folder, by path. */
  takenFrom(folder: string): Promise<Map<string, Sighting>>;
  /** The source that a file of a watched folder, or a resumable upload, became. */
  takenAs(folder: string, path: string): Promise<string | undefined>;
  /** What the frames of a watched folder became, and how they are put together anew. */
  readonly watchedStacks: WatchedStacks;
  /** Marks that other programs left in files. */
  readonly suggestions: Suggestions;
  readonly jobs: JobQueue;
  readonly workFolder: string;
  readonly limits: IngestLimits;
  /** Copies a file of this machine in. */
  ingestFile(path: string, options: IngestOptions): Promise<Accepted>;
  /** Takes a stream of bytes, hashing while it arrives. @throws UploadError */
  ingestStream(
    body: Readable,
    options: IngestOptions & { readonly fileName: string; readonly announcedBytes?: number },
  ): Promise<Accepted>;
  /** Takes a finished file of the work folder over: it is moved, not copied. */
  adoptFile(path: string, options: IngestOptions & { readonly fileName: string }): Promise<Accepted>;
  /**
   * Leaves a file of this machine where it is and reads it from there; it is never written to.
   * @throws UploadError; OriginalError changed-original where it was written to meanwhile
   */
  referenceFile(path: string, options: IngestOptions): Promise<Accepted>;
  /** Has a frame derived that was not yet asked for; the promise waits for the order, not for the work. */
  requestFrame(micrographId: string, signalId: string, frame: number): Promise<void>;
  /** Range and mean of one frame, read now by a worker. */
  surveyFrame(
    micrographId: string,
    signalId: string,
    frame: number,
    aborted?: AbortSignal,
  ): Promise<FrameStatistics | undefined>;
  /** Parses a log in a worker: a long one takes a second. @throws DomainError with a code of LogError */
  readLog(bytes: Uint8Array): Promise<ConditionLog>;
  /** Takes up interrupted work. Without it files are accepted and wait. */
  start(): Promise<void>;
  /** Resolves when files of an earlier program are searched and compared like new ones. */
  caughtUp(): Promise<void>;
  /** Resolves when the source is ready or failed. */
  settled(sourceId: string): Promise<Status>;
  close(): Promise<void>;
}

export function createIngest(deps: IngestDeps): Ingest {
  const { sql, blobs, workFolder } = deps;
  const limits = { ...defaultIngestLimits, ...deps.limits };
  const atOnce = deps.concurrency ?? Math.max(1, Math.min(4, availableParallelism()));
  const jobs = deps.jobs ?? createJobQueue({ sql, concurrency: atOnce });
  const workers = createWorkerPool({
    module: new URL("./ingest-worker.ts", import.meta.url),
    apart: "processes",
    most: atOnce,
    memoryLimitBytes: limits.memoryBytes,
    ...(deps.report ? { report: deps.report } : {}),
  });
  const incoming = join(workFolder, "incoming");
  const deriving = join(workFolder, "deriving");
  const progress = new Map<string, number>();
  const tagWords = createTagWords(sql);
  const catalogue = createJointCatalogue(
    createMicrographCatalogue(sql, tagWords, (kind, id) => progress.get(`${kind} ${id}`)),
    createRecordedTogether(sql, deps.log),
  );
  const records = createRecordCatalogue(sql);
  const inPlace = createOriginalsInPlace(sql);
  const decoders = createDecoders(deps.report);
  const openOriginal = createOriginals({ blobs, codecs: decoders.codecs, limits, inPlace });
  const tiles = createTileStore(blobs, printTilesBytes, openOriginal);
  const pictures = createPictureGroups(sql, tiles, catalogue.tileAccess);
  const work = createReadSourceJobs({
    catalogue,
    blobs,
    jobs,
    workers,
    limits,
    folder: deriving,
    parts: createStackParts({
      ...{ sql, catalogue, jobs, readSourceJob, folder: incoming },
      adopt: async (path, options) =>
        register(path, { bytes: (await stat(path)).size, sha256: await hashFile(path) }, options),
    }),
    progress,
    pictures,
    inPlace,
    records,
  });
  const stopping = new AbortController();
  let caughtUp: Promise<void> = Promise.resolve();
  const ready = mkdir(incoming, { recursive: true });
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  const unsubscribe = jobs.onChange(({ job }) => {
    if (job.kind !== readSourceJob || (job.status !== "done" && job.status !== "failed")) return;
    const { sourceId } = job.payload as { sourceId: string };
    waiting.get(sourceId)?.resolve();
    waiting.delete(sourceId);
  });

  const register = async (
    path: string,
    file: { readonly bytes: number; readonly sha256: string },
    options: IngestOptions & { readonly fileName: string },
  ): Promise<Accepted> => {
    if (options.announcedSha256 !== undefined && options.announcedSha256 !== file.sha256) {
      await rm(path, { force: true });
      throw otherBytes(options.announcedSha256, file.sha256);
    }
    const key = originalKey(file.sha256);
    return inTurnForBlob(blobs, key, async () => {
      // The same bytes are kept once, whoever brought them.
      if ((await blobs.size(key)) === file.bytes) await rm(path, { force: true });
      else await blobs.adopt(key, path);
      return enlist(file, options);
    });
  };

  /** Writes a source down and has it read. */
  const enlist = async (
    { bytes, sha256 }: { readonly bytes: number; readonly sha256: string },
    options: IngestOptions & { readonly fileName: string },
    inPlace?: PlaceRecord,
  ): Promise<Accepted> => {
    const { projectId, principalId, fileName, watched } = options;
    const sourceId = await catalogue.addSource({
      ...{ projectId, principalId, bytes, sha256, inPlace, watched },
      fileName: shownFileName(fileName),
      options: sourceOptions(options),
    });
    await jobs.enqueue({ kind: readSourceJob, payload: { sourceId }, projectId, principalId });
    return { sourceId, status: "queued" };
  };

  const ingestStream: Ingest["ingestStream"] = async (body, options) => {
    workers.prepare(); // starts while the bytes come
    await ready;
    const path = join(incoming, createId());
    const { announcedBytes } = options;
    if (announcedBytes !== undefined && announcedBytes > limits.maxFileBytes)
      throw tooLarge(limits.maxFileBytes);
    const received = await receiveFile(body, path, {
      maxBytes: limits.maxFileBytes,
      ...(announcedBytes === undefined ? {} : { announcedBytes }),
    });
    return register(path, received, options);
  };

  return {
    ...{ catalogue, records, pictures, tagWords, inPlace, suggestions: createSuggestions(sql) },
    watchedStacks: createWatchedStacks({ sql, jobs, log: deps.log, readSourceJob }),
    attachments: createAttachments(sql, blobs, inPlace, incoming),
    ...{ jobs, workFolder, limits, openOriginal },
    ingestStream,

    ingestFile: (path, options) =>
      ingestStream(createReadStream(path, { highWaterMark: 2 ** 20 }), {
        fileName: basename(path),
        ...options,
      }),

    async adoptFile(path, options) {
      workers.prepare();
      const { size } = await stat(path);
      return register(path, { bytes: size, sha256: await hashFile(path) }, options);
    },

    async referenceFile(path, options) {
      workers.prepare();
      const before = await sightingOf(path);
      if (before.bytes === 0)
        throw new UploadError(
          "empty",
          "Expected the bytes of a file, received none. Copy it again from the microscope's computer.",
        );
      if (before.bytes > limits.maxFileBytes) throw tooLarge(limits.maxFileBytes);
      const sha256 = await hashFile(path);
      const place = { ...before, path, state: "present", checkedAt: new Date().toISOString() } as const;
      await requireUnchanged(place);
      return enlist({ bytes: before.bytes, sha256 }, { fileName: basename(path), ...options }, place);
    },

    async requestFrame(micrographId, signalId, frame) {
      const held = await catalogue.holderOf(micrographId, signalId);
      return work.requestFrame(held.micrographId, held.signal, frame);
    },
    async surveyFrame(micrographId, signalId, frame, aborted) {
      const held = await catalogue.holderOf(micrographId, signalId);
      return work.surveyFrame(held.micrographId, held.signal, frame, aborted);
    },
    readLog: (bytes) => workers.run<ConditionLog>("readLog", bytes, { silenceMs: limits.describeMs }),

    takenFrom: (folder) => watchedFiles(sql, folder),
    takenAs: (folder, path) => takenAs(sql, folder, path),

    async start() {
      // What a stopped process left half done belongs to nobody; a reader of it may be writing its last.
      await ready;
      const all = { recursive: true, force: true, maxRetries: 10 };
      await Promise.all([incoming, deriving].map((folder) => rm(folder, all)));
      await Promise.all([incoming, deriving].map((folder) => mkdir(folder, { recursive: true })));
      await work.enlistForgotten();
      if (!deps.jobs) await jobs.start();
      caughtUp = catchUp(sql, tagWords, pictures, stopping.signal).catch(() => undefined); // goes on at the next start
    },

    caughtUp: () => caughtUp,

    async settled(sourceId) {
      for (;;) {
        const pending = waiting.get(sourceId) ?? Promise.withResolvers<void>();
        waiting.set(sourceId, pending);
        const source = await catalogue.source(sourceId);
        if (!source || source.status === "ready" || source.status === "failed")
          return source?.status ?? "failed";
        await pending.promise;
      }
    },

    async close() {
      stopping.abort();
      await caughtUp;
      unsubscribe();
      if (!deps.jobs) await jobs.close();
      await Promise.all([workers.close(), decoders.close()]);
    },
  };
}

/** What was said about the file, without who and where: kept with the source as JSON, absent values left out. */
function sourceOptions(options: SourceOptions): SourceOptions {
  const { seriesId, state, name, calibration, relativePath, pathFacts, stack, stackId, note } = options;
  const said = { seriesId, state, name, calibration, relativePath, pathFacts, stack, stackId, note };
  return JSON.parse(JSON.stringify(said)) as SourceOptions;
}
