import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { Piscina } from "piscina";
import type { RunnerSettings, TaskRunner } from "./task-runner.ts";
import { WorkError } from "./work-error.ts";
import type { TaskOutcome } from "./worker-task.ts";

const growthMs = 250;
const heapMib = 2048;

/**
 * Tasks in threads of this process; they start and end as work comes and goes. What memory the process takes more counts
 * for every task that runs meanwhile.
 */
export function createTaskThreads(
  module: URL,
  { most, memoryLimitBytes, report }: RunnerSettings,
): TaskRunner {
  const pool = new Piscina({
    filename: module.href,
    minThreads: 0,
    maxThreads: most,
    idleTimeout: 30_000,
    resourceLimits: { maxOldGenerationSizeMb: heapMib },
  });

  // A thread that dies between tasks reaches nobody who waits; unheard, it would end the process.
  pool.on("error", ({ message }: Error) => report("worker thread stopped", { reason: message }));

  return {
    async run(task, payload, { signal, onWord, onGrowth }) {
      const { port1, port2 } = new MessageChannel();
      port1.on("message", onWord);
      const idleBytes = process.memoryUsage.rss();
      const memory = setInterval(() => onGrowth(process.memoryUsage.rss() - idleBytes), growthMs);
      try {
        const outcome = (await pool.run(
          { payload, port: port2 },
          { name: task, signal, transferList: [port2] },
        )) as TaskOutcome;
        // The result travels on another port and may overtake the last words of progress.
        for (let word = receiveMessageOnPort(port1); word; word = receiveMessageOnPort(port1)) {
          onWord(word.message as number);
        }
        return outcome;
      } catch (error) {
        signal.throwIfAborted();
        if ((error as { code?: string }).code === "ERR_WORKER_OUT_OF_MEMORY")
          throw WorkError.outOfMemory(Math.min(memoryLimitBytes, heapMib * 2 ** 20));
        const message = error instanceof Error ? error.message : String(error);
        throw new WorkError("worker-failed", `The worker stopped: ${message}`);
      } finally {
        clearInterval(memory);
        port1.close();
      }
    },
    prepare: () => undefined,
    close: () => pool.destroy(),
  };
}
