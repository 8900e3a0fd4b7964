import { conditionsAt, frameTimeS } from "#core/micrograph/condition-log.ts";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import type { StackFrames } from "#core/protocol/api/stack-log.ts";
import type { JobContext, JobQueue } from "#server/jobs/job-queue.ts";
import type { Sql } from "#server/jobs/sql.ts";
import type { JointCatalogue } from "./joint-catalogue.ts";
import type { FrameStatistics } from "./stack-log-table.ts";
import { readFrameStatistics, writeFrameStatistics } from "./stack-log-table.ts";
import type { StackLogs } from "./stack-logs.ts";

const statisticsJob = "frame-statistics";

export interface StackFramesDeps {
  readonly sql: Sql;
  readonly jobs: JobQueue;
  readonly logs: Pick<StackLogs, "current">;
  /** Numbers of a signal are kept with the file that holds it, and go with it. */
  readonly holderOf: JointCatalogue["holderOf"];
  /** Reads a frame in a worker. @throws FormatError as the reader does */
  surveyFrame(
    micrographId: string,
    signal: string,
    frame: number,
    signalAborted?: AbortSignal,
  ): Promise<FrameStatistics | undefined>;
}

/** What is known of every frame of a stack: when it was taken, under which conditions, and its grey values. */
export interface StackFramesService {
  all(micrograph: Micrograph, signal: string): Promise<StackFrames>;
  /** Read now where it was not yet; undefined where there is no such frame. */
  statistics(micrograph: Micrograph, signal: string, frame: number): Promise<FrameStatistics | undefined>;
  /** Have every frame read. @returns the job's id */
  order(micrograph: Micrograph, signal: string, principalId: string): Promise<string>;
}

interface StatisticsPayload {
  readonly micrographId: string;
  readonly signal: string;
  readonly frames: number;
}

/** Makes the service and takes its jobs; before the queue starts. */
export function createStackFrames({
  sql,
  jobs,
  logs,
  holderOf,
  surveyFrame,
}: StackFramesDeps): StackFramesService {
  const knownOf = async (micrographId: string, signal: string) => {
    const held = await holderOf(micrographId, signal);
    return readFrameStatistics(sql, held.micrographId, held.signal);
  };
  const measure = async (micrographId: string, signal: string, frame: number, aborted?: AbortSignal) => {
    const found = await surveyFrame(micrographId, signal, frame, aborted);
    const held = await holderOf(micrographId, signal);
    if (found) await writeFrameStatistics(sql, held.micrographId, held.signal, frame, found);
    return found;
  };

  jobs.handle(statisticsJob, async ({ job, progress, signal: aborted }: JobContext) => {
    const { micrographId, signal, frames } = job.payload as StatisticsPayload;
    const known = await knownOf(micrographId, signal);
    for (let frame = 0; frame < frames; frame++) {
      if (aborted.aborted) throw aborted.reason;
      if (!known.has(frame)) await measure(micrographId, signal, frame, aborted);
      progress((frame + 1) / frames);
    }
    return null;
  });

  return {
    async all(micrograph, signal) {
      const statistics = await knownOf(micrograph.id, signal);
      const attached = await logs.current(micrograph.id);
      const own = micrograph.frameTimesS;
      const interval = attached?.version.frameIntervalS ?? null;
      return {
        times: own ? "file" : interval === null ? null : "person",
        log: attached?.version ?? null,
        frames: Array.from({ length: micrograph.frames }, (_, frame) => {
          const timeS = frameTimeS(own, interval, frame);
          const conditions =
            attached && timeS !== null ? conditionsAt(attached.log, timeS + attached.version.offsetS) : [];
          return { frame, timeS, conditions: [...conditions], statistics: statistics.get(frame) ?? null };
        }),
      };
    },

    async statistics(micrograph, signal, frame) {
      if (frame >= micrograph.frames) return undefined;
      const known = await knownOf(micrograph.id, signal);
      return known.get(frame) ?? measure(micrograph.id, signal, frame);
    },

    async order({ id: micrographId, projectId, frames }, signal, principalId) {
      const payload: StatisticsPayload = { micrographId, signal, frames };
      return jobs.enqueue({ kind: statisticsJob, payload, projectId, principalId });
    },
  };
}
