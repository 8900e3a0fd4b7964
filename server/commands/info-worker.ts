import { workerTask } from "#server/jobs/worker-task.ts";
import { describeFile, type Sample } from "./describe-file.ts";

export interface InfoTask {
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  readonly stats: boolean;
  readonly samples: readonly Sample[];
}

/** What `info` says of one file; every strip that was read is a sign of progress. */
export const describe = workerTask(({ file, path, stats, samples }: InfoTask, report) =>
  describeFile(file, path, stats, samples, () => report(0)),
);
