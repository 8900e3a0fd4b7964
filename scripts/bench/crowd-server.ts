// The server of the crowd's bench: Lamella as `serve` starts it, in a process of its own, with as many micrographs as asked.

import { readConfig } from "#server/config.ts";
import { startServer } from "#server/main.ts";
import { keepObjectsYoung } from "#server/young-objects.ts";

keepObjectsYoung();
const [dataDir = "", micrographs = "0", adminToken = ""] = process.argv.slice(2);
const env = { LAMELLA_ADMIN_TOKEN: adminToken, LAMELLA_LOG: "silent" };
const server = await startServer(readConfig(["--port", "0", "--data", dataDir, "--no-demo"], env));

const administrator = (await server.catalogue.administrator())!;
const answer = await fetch(`${server.url}/api/v1/projects`, {
  method: "POST",
  headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
  body: JSON.stringify({ name: "Crowd" }),
});
const { id: projectId } = (await answer.json()) as { id: string };
const ids: string[] = [];
for (let i = 0; i < Number(micrographs); i++) ids.push(await addMicrograph(i));
process.send!({ url: server.url, projectId, micrographs: ids });

process.on("message", (words) => {
  const { user, system } = process.cpuUsage();
  const { refusals, cutReaders, droppedAwareness, commitMs } = server.rooms.metrics;
  const rssMb = process.memoryUsage.rss() / 2 ** 20;
  if (words === "look closely") globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.send!({
    ...{ cpuS: (user + system) / 1e6, rssMb, liveMb: (heapUsed + external) / 2 ** 20 },
    ...{ refusals, cutReaders, droppedAwareness, commitP95Ms: p95(commitMs) },
  });
});
process.on("disconnect", () => void server.close().finally(() => process.exit(0)));

/** The record of a micrograph without pixels: enough for a room with its rights. */
async function addMicrograph(number: number): Promise<string> {
  const { catalogue } = server.ingest;
  const sha256 = number.toString(16).padStart(64, "0");
  const sourceId = await catalogue.addSource({
    ...{ projectId, fileName: `${number}.tif`, bytes: 4, sha256, principalId: administrator.id, options: {} },
  });
  const size = { width: 300, height: 200, frames: 1, frameTimesS: null, dtype: "uint8" as const };
  const flags = { lossy: false, depthReduced: false, screenshot: false };
  const [micrographId] = await catalogue.describeSource(sourceId, {
    ...{ format: "tiff", others: [], tags: {} },
    micrographs: [
      {
        name: String(number),
        content: "image",
        calibration: { state: "uncalibrated", reason: "none" },
        record: { ...size, acquisition: {}, warnings: [], flags },
        signals: [],
      },
    ],
  });
  return micrographId!;
}

/** Upper bound of the bucket that holds it. */
function p95({
  bounds,
  counts,
  count,
}: {
  bounds: readonly number[];
  counts: number[];
  count: number;
}): number {
  let below = 0;
  const bucket = counts.findIndex((n) => (below += n) >= 0.95 * count);
  return bounds[bucket] ?? Number.POSITIVE_INFINITY;
}
