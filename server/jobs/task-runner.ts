import type { Report } from "#server/report.ts";
import type { TaskOutcome } from "./worker-task.ts";

export interface TaskHooks {
  /** Ends the task wherever it is; its promise rejects with the signal's reason once nothing of it runs any more. */
  readonly signal: AbortSignal;
  /** A sign of life and how far the work is, 0-1; the first when the task begins, which may be after a wait. */
  readonly onWord: (fraction: number) => void;
  /** By how much memory has grown for this task, in bytes; told several times a second while it runs. */
  readonly onGrowth: (bytes: number) => void;
}

export interface RunnerSettings {
  /** So many tasks at a time. */
  readonly most: number;
  readonly memoryLimitBytes: number;
  readonly report: Report;
}

/** Where tasks run: threads of this process, or processes of their own. */
export interface TaskRunner {
  /** @throws WorkError, or the signal's reason */
  run(task: string, payload: unknown, hooks: TaskHooks): Promise<TaskOutcome>;
  prepare(): void;
  close(): Promise<void>;
}
