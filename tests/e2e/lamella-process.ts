import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { patienceMs } from "#tests/patience.ts";
import { keepServer } from "./evidence.ts";

const root = join(import.meta.dirname, "../..");

/** A Lamella server in a process of its own, as a person starts it: to be killed and started again on the same data. */
export class LamellaProcess {
  readonly url: string;
  /** Sign-in link of the administrator; null where the store already has one that was used. */
  readonly adminLink: string | null;
  readonly #child: ChildProcess;
  readonly #output: () => string;

  private constructor(child: ChildProcess, url: string, adminLink: string | null, output: () => string) {
    this.#child = child;
    this.url = url;
    this.adminLink = adminLink;
    this.#output = output;
    keepServer(this);
  }

  /** Starts `lamella serve` and resolves when it says where it listens. */
  static async start(
    dataFolder: string,
    options: { port?: number; args?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
  ): Promise<LamellaProcess> {
    const args = [
      "server/cli.ts",
      "serve",
      "--port",
      String(options.port ?? 0),
      "--data",
      dataFolder,
      ...(options.args ?? []),
    ];
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, INIT_CWD: root, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let isReady = false;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        child.kill("SIGKILL");
        reject(new Error(`The server was not ready after ${patienceMs / 1000} s:\n${output}`));
      }, patienceMs);
      const look = (chunk: Buffer) => {
        output += chunk.toString();
        if (isReady) return;
        const url = /Address\s+(https?:\/\/[^\s/]+)/.exec(output)?.[1];
        if (!url || !/\n {2}Data /.test(output)) return;
        isReady = true;
        clearTimeout(late);
        const adminLink = /(https?:\/\/\S+\/sign-in\S*)/.exec(output)?.[1] ?? null;
        resolve(new LamellaProcess(child, url, adminLink, () => output));
      };
      child.stdout!.on("data", look);
      child.stderr!.on("data", look);
      child.once("exit", (code) => {
        clearTimeout(late);
        reject(new Error(`The server ended with ${code} before it was ready:\n${output}`));
      });
    });
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get output(): string {
    return this.#output();
  }

  /** The power cut: no chance to write anything more. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  /** The polite stop. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
  }
}
