import type { Codecs } from "#core/formats/codecs.ts";
import type { Raster } from "#core/micrograph/raster.ts";
import { createWorkerPool } from "#server/jobs/worker-pool.ts";
import type { Report } from "#server/report.ts";
import { nodeCodecs } from "./codecs.ts";
import type { DecodeTask } from "./decoder-worker.ts";

const silenceMs = 10_000;
const memoryLimitBytes = 2 ** 29;

/**
 * The codecs with which the server itself reads pieces of originals while somebody looks at them: what a library decodes,
 * it decodes in a process of its own, and the server hands bytes over and takes pixels back.
 */
export function createDecoders(report?: Report): { readonly codecs: Codecs; close(): Promise<void> } {
  const workers = createWorkerPool({
    module: new URL("./decoder-worker.ts", import.meta.url),
    apart: "processes",
    most: 2,
    memoryLimitBytes,
    ...(report ? { report } : {}),
  });
  const { inflate, gunzip, gunzipHead, unzstd } = nodeCodecs;
  const decodeImage: Codecs["decodeImage"] = (bytes, kind, limits) =>
    workers.run<Raster>("decodeImage", { bytes, kind, limits } satisfies DecodeTask, { silenceMs });
  return { codecs: { inflate, gunzip, gunzipHead, unzstd, decodeImage }, close: () => workers.close() };
}
