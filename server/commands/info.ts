import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { isDomainError } from "#core/errors/domain-error.ts";
import { createWorkerPool } from "#server/jobs/worker-pool.ts";
import type { Sample } from "./describe-file.ts";
import type { InfoTask } from "./info-worker.ts";

/** A file that gives no sign of progress for so long is made to keep its reader busy. */
const silenceMs = 9_000;

/**
 * `info FILE… [--stats] [--samples "frame:x,y;frame:x,y"]`: one JSON line a file on standard output. Paths resolve against
 * the folder the command was called in. A file that is refused is an answer too, so the exit code stays 0. Files are
 * read in a process of its own, which is ended where one keeps it busy.
 */
export async function runInfo(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { stats: { type: "boolean", default: false }, samples: { type: "string", default: "" } },
  });
  const samples = parseSamples(values.samples);
  const workers = createWorkerPool({
    module: new URL("./info-worker.ts", import.meta.url),
    apart: "processes",
    most: 1,
  });
  try {
    for (const file of positionals) {
      const path = resolve(process.env.INIT_CWD ?? process.cwd(), file);
      const task: InfoTask = { file, path, stats: values.stats, samples };
      const answer = await workers.run("describe", task, { silenceMs }).catch((error: unknown) => {
        if (!isDomainError(error)) throw error;
        return { file, ok: false, error: { code: error.code, message: error.message } };
      });
      process.stdout.write(`${JSON.stringify(answer)}\n`);
    }
  } finally {
    await workers.close();
  }
}

function parseSamples(text: string): Sample[] {
  return text
    .split(";")
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const match = /^\s*(\d+):(\d+),(\d+)\s*$/.exec(part);
      if (!match) throw new Error(`--samples expects "frame:x,y;frame:x,y", found "${part}"`);
      return { frame: Number(match[1]), x: Number(match[2]), y: Number(match[3]) };
    });
}
