import type { TestServer } from "./running-server.ts";

/** A micrograph's record as a reader of files would write it, without pixels: enough for marks and rights. */
export async function bareMicrograph(
  server: Pick<TestServer, "ingest" | "catalogue">,
  projectId: string,
): Promise<string> {
  const { catalogue } = server.ingest;
  const principalId = (await server.catalogue.administrator())!.id;
  const sha256 = "0".repeat(64);
  const sourceId = await catalogue.addSource({
    ...{ projectId, fileName: "a.tif", bytes: 4, sha256, principalId, options: {} },
  });
  const flags = { lossy: false, depthReduced: false, screenshot: false };
  const size = { width: 300, height: 200, frames: 1, frameTimesS: null, dtype: "uint8" as const };
  const [micrographId] = await catalogue.describeSource(sourceId, {
    ...{ format: "tiff", others: [], tags: {} },
    micrographs: [
      {
        ...{ name: "a", content: "image", calibration: { state: "uncalibrated", reason: "none" } },
        record: { ...size, acquisition: {}, warnings: [], flags },
        signals: [],
      },
    ],
  });
  return micrographId!;
}
