import { readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Gallery, Source } from "#core/protocol/api/shapes.ts";
import { verifyStore } from "#server/backup/verify-store.ts";
import { phantomTiff } from "./phantom-tiff.ts";
import {
  admin,
  errorCode,
  json,
  makeGuest,
  makeProject,
  startTestServer,
  type TestServer,
  type Visitor,
} from "./running-server.ts";

let server: TestServer;
let projectId: string;
let sourceId: string;
let path: string;
let bytes: Buffer;
let reader: Visitor;

beforeAll(async () => {
  server = await startTestServer();
  projectId = await makeProject(server, "In place");
  path = join(server.dataDir, "microscope.tif");
  bytes = await phantomTiff(5);
  await writeFile(path, bytes);
  const principalId = (await server.catalogue.administrator())!.id;
  ({ sourceId } = await server.ingest.referenceFile(path, { projectId, principalId }));
  expect(await server.ingest.settled(sourceId)).toBe("ready");
  reader = (await makeGuest(server, projectId, "reader")).visitor;
});
afterAll(() => server?.stop());

const source = (as: Visitor = admin) => json<Source>(server.call("GET", `/sources/${sourceId}`, as));
const gallery = () => json<Gallery>(server.call("GET", `/projects/${projectId}/gallery`, admin));
const original = () => server.call("GET", `/sources/${sourceId}/original`, admin);

it("says where the original is to whoever manages the project, and to others only that it is there", async () => {
  expect((await source()).place).toMatchObject({ state: "present", path });
  expect((await source(reader)).place).toMatchObject({ state: "present", path: null });
  expect((await gallery()).originalsAway).toEqual({});
  expect(JSON.stringify(await gallery())).not.toContain(path);
  expect(Buffer.from(await (await original()).arrayBuffer()).equals(bytes)).toBe(true);
  expect((await verifyStore(server.dataDir)).problems).toEqual([]);
});

it("missing: said by the source, the gallery and the download; back again: as before", async () => {
  await rm(path);
  expect((await source()).place).toMatchObject({ state: "missing" });
  expect((await gallery()).originalsAway).toEqual({ [sourceId]: "missing" });
  expect(await errorCode(original())).toBe("missing");
  await writeFile(path, bytes);
  expect((await source()).place).toMatchObject({ state: "present" });
  expect((await gallery()).originalsAway).toEqual({});
  expect((await original()).status).toBe(200);
});

it("changed: nothing is handed out that is not what was read", async () => {
  const other = Buffer.from(bytes);
  other[other.length - 1]! ^= 255;
  await writeFile(path, other);
  await utimes(path, 7_000_000, 7_000_000);
  expect((await source()).place).toMatchObject({ state: "changed" });
  expect((await gallery()).originalsAway).toEqual({ [sourceId]: "changed" });
  const refused = await original();
  expect([refused.status, await errorCode(refused)]).toEqual([409, "changed-original"]);
  expect(await readFile(path)).toEqual(other);
});

it("deleted here, the file stays where it is", async () => {
  const before = await readFile(path);
  expect((await server.call("DELETE", `/sources/${sourceId}`, admin)).status).toBe(204);
  expect((await server.call("DELETE", `/projects/${projectId}/bin/${sourceId}`, admin)).status).toBe(204);
  expect(await readFile(path)).toEqual(before);
});
