import { type ProcessTask, TaskProcess } from "./task-process.ts";
import type { RunnerSettings, TaskRunner } from "./task-runner.ts";
import { WorkError } from "./work-error.ts";

/**
 * Tasks in processes of their own, one at a time in each; they start when there is work and end when there was none for
 * a while. A task over which its process dies is tried once more in a new one: its bytes may not have been the reason.
 */
export function createTaskProcesses(module: URL, settings: RunnerSettings): TaskRunner {
  const waiting: ProcessTask[] = [];
  const processes = new Set<TaskProcess>();
  let closed = false;

  const start = (): TaskProcess => {
    const started = new TaskProcess(module, settings, {
      onFree: next,
      onGone(crashedOver) {
        processes.delete(started);
        if (crashedOver) waiting.unshift(crashedOver);
        next();
      },
      /** The one that has grown most answers for all: it is the one to end when together they take too much. */
      answerFor(grownBytes) {
        const all = [...processes].map((process) => process.grownBytes);
        return grownBytes < Math.max(...all) ? grownBytes : all.reduce((sum, bytes) => sum + bytes, 0);
      },
    });
    processes.add(started);
    return started;
  };
  const next = (): void => {
    while (waiting.length > 0) {
      if (closed) {
        waiting.shift()!.reject(WorkError.stopped());
        continue;
      }
      const free = [...processes].find(({ isFree }) => isFree);
      if (!free && processes.size >= settings.most) return;
      (free ?? start()).take(waiting.shift()!);
    }
  };

  return {
    run: (task, payload, hooks) =>
      new Promise((resolve, reject) => {
        const { signal } = hooks;
        if (signal.aborted) return reject(signal.reason);
        const added: ProcessTask = { ...hooks, message: { task, payload }, resolve, reject };
        signal.addEventListener("abort", () => {
          const at = waiting.indexOf(added);
          if (at < 0) return;
          waiting.splice(at, 1);
          reject(signal.reason);
        });
        waiting.push(added);
        next();
      }),
    prepare() {
      if (!closed && processes.size === 0) start();
    },
    async close() {
      closed = true;
      next();
      await Promise.all([...processes].map((process) => process.end()));
    },
  };
}
