// Tells the process id of a reader; then the reader does what never ends, rests, or is closed.
import { createWorkerPool } from "#server/jobs/worker-pool.ts";

const then = process.argv[2];
const module = new URL("./troubled-worker.ts", import.meta.url);
const pool = createWorkerPool({ module, apart: "processes", most: 1 });
const pid = await pool.run<number>("whoRuns", null, { silenceMs: 20_000 });
if (then === "rest" || then === "close") console.log(pid);
else pool.run("spin", null, { silenceMs: 600_000, onProgress: () => console.log(pid) });
if (then === "close") {
  await pool.close();
  console.log("closed");
}
