// A process that runs the tasks of one module, one at a time, for the process that started it.
import { Worker } from "node:worker_threads";
import type { FromTaskProcess, ToTaskProcess } from "./task-process.ts";
import type { TaskOutcome, TaskPort } from "./worker-task.ts";

type Task = (message: { readonly payload: unknown; readonly port: TaskPort }) => Promise<TaskOutcome>;

/**
 * Goes on whatever keeps the tasks busy: says what memory the process takes, and ends it when nobody listens any more,
 * for no reader may outlive its server.
 */
function guard(load: (name: "node:fs") => typeof import("node:fs")): void {
  const { writeSync } = load("node:fs");
  setInterval(() => {
    try {
      writeSync(3, `${process.memoryUsage.rss()}\n`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") process.kill(process.pid, "SIGKILL");
    }
  }, 100);
}

// As text: a thread that has no types to strip starts in a moment.
new Worker(`(${guard})(require)`, { eval: true }).unref();

// What ends a service, or is pressed in its terminal, is meant for the server, which ends this process itself.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
process.on("disconnect", () => process.exit());
process.title = "lamella: reading files";

const tell = (message: FromTaskProcess) => void process.send!(message);
const tasks = (await import(process.argv[2]!)) as Readonly<Record<string, Task>>;

process.on("message", async ({ task, payload }: ToTaskProcess) => {
  // The first word says that the task has begun: whoever sent it knows.
  let begun = false;
  const port: TaskPort = {
    postMessage(fraction) {
      if (begun) tell({ fraction });
      begun = true;
    },
    close: () => undefined,
  };
  tell({ outcome: await tasks[task]!({ payload, port }) });
});
tell({ idleBytes: process.memoryUsage.rss() });
