import { existsSync, writeFileSync } from "node:fs";
import { FormatError } from "#core/formats/reader.ts";
import { workerTask } from "#server/jobs/worker-task.ts";

/** Tasks that misbehave as files from strangers make readers misbehave. */
export const echo = workerTask(async (value: unknown, report) => {
  report(0.5);
  return value;
});

export const refuse = workerTask(async () => {
  throw new FormatError("truncated", "Expected 10 bytes, received 3.", { offset: 3 });
});

export const spin = workerTask(async () => {
  for (;;);
});

export const hoard = workerTask(async () => {
  const kept: Uint8Array[] = [];
  for (;;) {
    kept.push(new Uint8Array(16 * 2 ** 20).fill(1));
    await new Promise((resolve) => setImmediate(resolve));
  }
});

export const settings = workerTask(async () =>
  Object.keys(process.env).filter((name) => name.startsWith("LAMELLA_")),
);

export const whoRuns = workerTask(async () => process.pid);

/** As native code does that follows a wrong pointer. */
export const crash = workerTask(async () => void process.kill(process.pid, "SIGSEGV"));

export const crashOnce = workerTask(async (marker: string) => {
  if (existsSync(marker)) return "done";
  writeFileSync(marker, "");
  process.kill(process.pid, "SIGSEGV");
});

/** Takes so much memory and keeps it for a while. */
export const keep = workerTask(async ({ bytes, ms }: { readonly bytes: number; readonly ms: number }) => {
  const kept = new Uint8Array(bytes).fill(1);
  await new Promise((resolve) => setTimeout(resolve, ms));
  return kept.length;
});

export const leave = workerTask(async () => process.exit(3));
