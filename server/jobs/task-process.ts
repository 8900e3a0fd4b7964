import { type ChildProcess, fork } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { RunnerSettings, TaskHooks } from "./task-runner.ts";
import { WorkError } from "./work-error.ts";
import type { TaskOutcome } from "./worker-task.ts";

export interface ToTaskProcess {
  readonly task: string;
  readonly payload: unknown;
}

export type FromTaskProcess =
  | { readonly idleBytes: number }
  | { readonly fraction: number }
  | { readonly outcome: TaskOutcome };

export interface ProcessTask extends TaskHooks {
  readonly message: ToTaskProcess;
  readonly resolve: (outcome: TaskOutcome) => void;
  readonly reject: (error: Error) => void;
  /** How a process died over it already. */
  crash?: string;
}

const entry = fileURLToPath(new URL("./task-process-entry.ts", import.meta.url));
const idleMs = 30_000;
const heapMib = 2048;
/** A process that has grown by more is not used again: what its last task left behind would count for the next. */
const retiredBytes = 256 * 2 ** 20;

/** Its engine gave up, or the machine ended it. */
const signalsOfNoMemory: readonly (string | null)[] = ["SIGABRT", "SIGKILL"];

/** Without the server's settings, secrets among them; a reader of videos must know where its decoder is. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^LAMELLA_(?!FFMPEG$|FFPROBE$)/.test(name));
  return Object.fromEntries(kept);
}

/** What a process asks of the pool it belongs to, and tells it. */
export interface Keeper {
  onFree(): void;
  /** @param crashedOver a task that is to be tried again */
  onGone(crashedOver: ProcessTask | undefined): void;
  answerFor(grownBytes: number): number;
}

/** A process and the task that it has at the moment. */
export class TaskProcess {
  readonly #child: ChildProcess;
  readonly #memory: Socket;
  readonly #keeper: Keeper;
  readonly #settings: RunnerSettings;
  readonly #gone = Promise.withResolvers<void>();
  #state: "starting" | "ready" | "ending" | "gone" = "starting";
  #task: ProcessTask | null = null;
  #idle: NodeJS.Timeout | undefined;
  #idleBytes = 0;
  #bytes = 0;

  constructor(module: URL, settings: RunnerSettings, keeper: Keeper) {
    this.#keeper = keeper;
    this.#settings = settings;
    const child = fork(entry, [module.href], {
      execArgv: [`--max-old-space-size=${heapMib}`],
      env: environment(),
      serialization: "advanced",
      // Standard output belongs to the commands' answers; the fourth tells what memory it takes.
      stdio: ["ignore", 2, "inherit", "pipe", "ipc"],
    });
    this.#child = child;
    child.on("message", (message: FromTaskProcess) => this.#hear(message));
    child.on("error", ({ message }) => this.#leave(message)); // it could not be started
    child.once("exit", (code, signal) => this.#leave(signal ?? `exit code ${code}`));
    this.#memory = child.stdio[3] as Socket;
    this.#memory.on("data", (lines: Buffer) => this.#weigh(lines.toString("latin1")));
    this.#memory.on("error", () => undefined);
    this.#rest();
  }

  get isFree(): boolean {
    return this.#task === null && (this.#state === "starting" || this.#state === "ready");
  }

  get grownBytes(): number {
    return Math.max(0, this.#bytes - this.#idleBytes);
  }

  take(task: ProcessTask): void {
    this.#task = task;
    clearTimeout(this.#idle);
    this.#hold(true);
    task.signal.addEventListener("abort", () => {
      if (this.#task === task) this.#end();
    });
    if (this.#state === "ready") this.#begin(task);
  }

  end(): Promise<void> {
    this.#hold(true); // whoever waits for its end shall see it
    this.#end();
    return this.#gone.promise;
  }

  #begin(task: ProcessTask): void {
    task.onWord(0);
    this.#child.send(task.message, () => undefined); // where it cannot be sent, the process is gone
  }

  #hear(message: FromTaskProcess): void {
    if ("idleBytes" in message) {
      if (this.#state !== "starting") return;
      this.#state = "ready";
      this.#idleBytes = this.#bytes = message.idleBytes;
      if (this.#task) this.#begin(this.#task);
      return;
    }
    const task = this.#task;
    if (!task || this.#state !== "ready") return;
    if ("fraction" in message) {
      task.onWord(message.fraction);
      return;
    }
    this.#task = null;
    if (this.grownBytes > retiredBytes) this.#end();
    else this.#rest();
    task.resolve(message.outcome);
    this.#keeper.onFree();
  }

  #weigh(lines: string): void {
    const last = lines.trimEnd().split("\n").at(-1);
    if (this.#state !== "ready") return;
    this.#bytes = Number(last) || this.#bytes;
    this.#task?.onGrowth(this.#keeper.answerFor(this.grownBytes));
  }

  #rest(): void {
    this.#hold(false);
    this.#idle = setTimeout(() => this.#end(), idleMs).unref();
  }

  /** A process without work keeps nobody from leaving. */
  #hold(held: boolean): void {
    const how = held ? "ref" : "unref";
    for (const handle of [this.#child, this.#child.channel, this.#memory]) handle?.[how]();
  }

  #end(): void {
    this.#state = "ending";
    this.#child.kill("SIGKILL");
  }

  #leave(how: string): void {
    if (this.#state === "gone") return;
    const [task, wasEnded] = [this.#task, this.#state === "ending"];
    this.#task = null;
    this.#state = "gone";
    clearTimeout(this.#idle);
    this.#gone.resolve();
    let again: ProcessTask | undefined;
    if (task?.signal.aborted) task.reject(task.signal.reason);
    else if (task && wasEnded) task.reject(WorkError.stopped());
    else if (task && signalsOfNoMemory.includes(how))
      task.reject(WorkError.outOfMemory(this.#settings.memoryLimitBytes));
    else if (task?.crash) task.reject(failedTwice(task.crash, how));
    else if (task) again = Object.assign(task, { crash: how });
    if (!wasEnded)
      this.#settings.report("worker process died", {
        how,
        task: task?.message.task ?? null,
        triedAgain: again !== undefined,
        grownBytes: this.grownBytes,
      });
    this.#keeper.onGone(again);
  }
}

function failedTwice(first: string, second: string): WorkError {
  const how = first === second ? first : `${first}, then ${second}`;
  return new WorkError(
    "worker-failed",
    `The program that reads this file crashed over it, twice (${how}). Nothing else is affected. Save the picture anew, as TIFF, with the microscope's software and hand that in.`,
  );
}
