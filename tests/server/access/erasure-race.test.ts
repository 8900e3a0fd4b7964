import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { originalKey } from "#server/ingest/read-source.ts";
import { inTurnForBlob } from "#server/storage/blob-turns.ts";
import { DirectoryBlobStore } from "#server/storage/files/directory-blob-store.ts";
import { derivationOf, derivedKeys } from "#server/tiles/derived-keys.ts";
import { patienceMs } from "#tests/patience.ts";
import { phantomTiff } from "../http/phantom-tiff.ts";
import { admin, json, makeProject, startTestServer, type TestServer } from "../http/running-server.ts";
import { sendFile } from "../http/sent-micrograph.ts";

let server: TestServer;
/** Held at the first derived file that is to be kept. */
let whenAdopting: (key: string) => Promise<void> = async () => {};

beforeAll(async () => {
  server = await startTestServer(
    {},
    {
      async openBlobs(folder) {
        const blobs = await DirectoryBlobStore.open(folder);
        const adopt = blobs.adopt.bind(blobs);
        blobs.adopt = async (key, path) => {
          await whenAdopting(key);
          return adopt(key, path);
        };
        return blobs;
      },
    },
  );
});
afterAll(() => server.stop());

async function begin(seed: number) {
  const projectId = await makeProject(server, "p");
  const bytes = await phantomTiff(seed);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const start = async () => (await json<{ source: string }>(sendFile(server, projectId, bytes))).source;
  const erase = async () => {
    expect((await server.call("DELETE", `/projects/${projectId}`, admin)).status).toBe(204);
    return server.call("DELETE", `/bin/${projectId}`, admin);
  };
  const isGone = async () => {
    const tombstones = await json<{ tombstones: { id: string }[] }>(server.call("GET", "/tombstones", admin));
    return tombstones.tombstones.some(({ id }) => id === projectId);
  };
  return { projectId, sha256, start, erase, isGone };
}

async function expectNothingLeft(sha256: string): Promise<void> {
  const keys = Object.values(derivedKeys).map((keyOf) => keyOf(derivationOf(sha256, 0), 0));
  for (const key of [originalKey(sha256), ...keys]) expect(await server.blobs.size(key), key).toBeUndefined();
  expect(
    server.store.read("SELECT id FROM micrograph WHERE source_id NOT IN (SELECT id FROM source)"),
  ).toEqual([]);
}

const jobsAreDone = () =>
  vi.waitFor(
    () => expect(server.store.read("SELECT id FROM job WHERE status IN ('queued', 'running')")).toEqual([]),
    patienceMs,
  );

it("erasing while derived files are being kept leaves none of them", async () => {
  const { sha256, start, erase, isGone } = await begin(71);
  const { promise: adopting, resolve: reached } = Promise.withResolvers<void>();
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  whenAdopting = async (key) => {
    if (key === originalKey(sha256)) return;
    reached();
    await held;
  };
  await start();
  await adopting;
  const erased = erase();
  await vi.waitFor(async () => expect(await isGone()).toBe(true), patienceMs);
  letGo();
  expect((await erased).status).toBe(204);
  await jobsAreDone();
  await expectNothingLeft(sha256);
});

it("what is derived from a file that was erased meanwhile is not kept", async () => {
  const { sha256, start, erase, isGone } = await begin(72);
  whenAdopting = async () => {};
  let erased: Promise<Response> | undefined;
  const source = await start();
  // The turn of these bytes is taken until the record is gone: keeping and removing both stand behind it.
  await inTurnForBlob(server.blobs, originalKey(sha256), async () => {
    erased = erase();
    await vi.waitFor(async () => expect(await isGone()).toBe(true), patienceMs);
  });
  expect((await erased!).status).toBe(204);
  expect(await server.ingest.settled(source)).toBe("failed");
  await jobsAreDone();
  await expectNothingLeft(sha256);
});
