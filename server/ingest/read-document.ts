import { FormatError } from "#core/formats/reader.ts";
import type { Source } from "#core/protocol/api/shapes.ts";
import type { JobQueue } from "#server/jobs/job-queue.ts";
import type { WorkerPool } from "#server/jobs/worker-pool.ts";
import { documentsOf, isDocument, isSeries, seriesOf } from "./companions.ts";
import { groupMicrographs } from "./group-micrographs.ts";
import type { SourceDescription } from "./ingest-worker.ts";
import type { MicrographCatalogue, NewMicrograph } from "./micrograph-catalogue.ts";
import type { SourceLocation } from "./open-source.ts";

export interface ReadDocumentDeps {
  readonly catalogue: MicrographCatalogue;
  readonly jobs: JobQueue;
  readonly workers: WorkerPool;
  readonly describeMs: number;
  readonly readSourceJob: string;
  locate(sha256: string, fileName: string): Promise<SourceLocation>;
  /** What the tags say now is proposed for a micrograph's records. */
  propose(source: Source, micrographId: string, found: NewMicrograph, tags: unknown): Promise<void>;
}

/**
 * A document without pixels (TIA's .emi) and the series it belongs to, uploaded in any order. The series are the
 * micrographs; what the document knows beside them is written to them when both are there, without touching anything
 * drawn on them. A document alone is refused with the sentence that says what is missing, and read again when a series
 * of its name comes.
 */
export function createReadDocument(deps: ReadDocumentDeps) {
  const { catalogue, jobs, workers, describeMs, readSourceJob, locate, propose } = deps;

  const describe = (location: SourceLocation, signal: AbortSignal) =>
    workers.run<SourceDescription>("describe", location, { silenceMs: describeMs, signal });

  const placed = async (projectId: string) => {
    const sources = await catalogue.listSources(projectId);
    const companions = sources.filter((source) => isDocument(source) || isSeries(source));
    return Promise.all(
      companions.map(async (source) => ({
        ...source,
        relativePath: (await catalogue.sourceOptions(source.id))?.options.relativePath,
      })),
    );
  };
  const whereIs = async (source: Source, all: Awaited<ReturnType<typeof placed>>) =>
    all.find(({ id }) => id === source.id) ?? { ...source, relativePath: undefined };

  return {
    isDocument,

    /** @throws FormatError "not-a-picture" while no series is there, or when none holds a picture */
    async read(document: Source, location: SourceLocation, signal: AbortSignal): Promise<void> {
      const all = await placed(document.projectId);
      const series = seriesOf(await whereIs(document, all), all);
      if (series.some(({ status }) => status === "queued" || status === "running")) {
        await catalogue.setSourceStatus(document.id, "queued"); // the last of them to be read brings it back
        return;
      }
      const sidecars = [];
      for (const { sha256, fileName } of series) if (sha256) sidecars.push(await locate(sha256, fileName));
      const { format, tags } = await describe({ ...location, sidecars }, signal);
      for (const [i, source] of series.entries()) {
        if (source.micrographs.length === 0) continue;
        const described = await describe({ ...sidecars[i]!, sidecars: [location] }, signal);
        const found = groupMicrographs(source.fileName, described.images);
        if (found.length !== source.micrographs.length) continue;
        for (const [ordinal, id] of source.micrographs.entries()) {
          await catalogue.setWhatDocumentSays(id, found[ordinal]!, described.tags);
          await propose(source, id, found[ordinal]!, described.tags);
        }
      }
      const others = series.map(({ fileName, micrographs }) => ({
        title: fileName,
        kind: micrographs.length > 0 ? "series with a picture" : "series without a picture",
        shape: [],
      }));
      await catalogue.describeSource(document.id, { format, others, tags, micrographs: [] });
      if (series.every(({ micrographs }) => micrographs.length === 0))
        throw new FormatError("not-a-picture", "None of the document's series holds a picture.");
      await catalogue.setSourceStatus(document.id, "ready");
    },

    /** A series was read or refused: its document, if it is there, is read (again). */
    async afterSeries(series: Source, principalId: string): Promise<void> {
      if (!isSeries(series)) return;
      const { projectId } = series;
      const all = await placed(projectId);
      for (const { id: sourceId } of documentsOf(await whereIs(series, all), all)) {
        await catalogue.setSourceStatus(sourceId, "queued");
        await jobs.enqueue({ kind: readSourceJob, payload: { sourceId }, projectId, principalId });
      }
    },
  };
}
