// Has a reader do what never ends, or nothing, and tells its process id.
import { createWorkerPool } from "#server/jobs/worker-pool.ts";

const module = new URL("./troubled-worker.ts", import.meta.url);
const pool = createWorkerPool({ module, apart: "processes", most: 1 });
const pid = await pool.run<number>("whoRuns", null, { silenceMs: 20_000 });
if (process.argv[2] === "rest") console.log(pid);
else pool.run("spin", null, { silenceMs: 600_000, onProgress: () => console.log(pid) });
