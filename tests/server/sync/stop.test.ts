import { createConnection } from "node:net";
import { expect, it } from "vitest";
import * as Y from "yjs";
import { promptMs } from "#tests/patience.ts";
import { phantomTiff } from "../http/phantom-tiff.ts";
import { adminToken, byToken } from "../http/running-server.ts";
import { temporaryFolder } from "../storage/temporary-folder.ts";
import { draw, marksOf, recordUpdates } from "./marks.ts";
import { RawClient } from "./raw-client.ts";
import { end, settle, startProcess } from "./server-process.ts";

const admin = byToken(adminToken);

it("P20 R20 SIGTERM in the middle of drawing, of an upload that has stalled and of a picture being read: out within 5 s, nothing lost", {
  timeout: 240_000,
}, async () => {
  const dataDir = await temporaryFolder();
  let server = await startProcess(dataDir);
  const { room, visitors } = await settle(server, ["anna"]);
  const [project] = (await server.call<{ projects: { id: string }[] }>("GET", "/projects", admin)).projects;

  // A sender who announces a megabyte and says nothing more.
  const { hostname, port } = new URL(server.url);
  const stalled = createConnection(Number(port), hostname);
  stalled.on("error", () => {});
  stalled.write(
    `POST /api/v1/projects/${project!.id}/micrographs?name=stalled.tif HTTP/1.1\r\nHost: ${hostname}:${port}\r\n` +
      `Authorization: Bearer ${adminToken}\r\nContent-Length: 1000000\r\n\r\nII*`,
  );
  const { source } = await server.call<{ source: string }>(
    "POST",
    `/projects/${project!.id}/micrographs?name=large.tif`,
    admin,
    await phantomTiff(5, 3_000, 2_000),
  );
  const doc = new Y.Doc();
  const updates = recordUpdates(doc);
  const client = await RawClient.connect(server.sync, room, "", visitors.get("anna"));
  client.hello({ clientId: doc.clientID });
  for (let i = 0; i < 300; i++) {
    draw(doc, `mark-${i}`);
    client.sync(2, updates.at(-1)!);
  }
  await client.hears("ack", ({ frames }) => frames > 0);
  const status = async () =>
    (await server.call<{ status: string }>("GET", `/sources/${source}`, admin)).status;
  expect(["queued", "running"]).toContain(await status());

  const started = performance.now();
  const ended = end(server, "SIGTERM");
  expect((await client.hears("closed")).code).toBe(1012);
  const exit = await ended;
  const tookMs = performance.now() - started;
  // On a machine too busy for the five seconds it goes all the same, and says so by its status.
  expect(exit).toEqual([tookMs < 5_000 ? 0 : expect.toBeOneOf([0, 1]), null]);
  console.info(`stopped in ${tookMs.toFixed(0)} ms`);
  expect(tookMs).toBeLessThan(promptMs);
  stalled.destroy();

  const acknowledged = client.all("ack").at(-1)!.frames;
  server = await startProcess(dataDir);
  const again = await RawClient.connect(server.sync, room, "", visitors.get("anna"));
  again.sync(0, Uint8Array.of(0));
  await again.hears("step2");
  const found = new Y.Doc();
  for (const heard of again.heard)
    if (heard.type === "update" || heard.type === "step2") Y.applyUpdate(found, heard.bytes);
  expect(marksOf(found).size).toBeGreaterThanOrEqual(acknowledged);
  // The picture is taken up again and becomes what it would have been.
  for (;;) {
    const now = await status();
    if (now === "ready") break;
    expect(now).not.toBe("failed");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await end(server, "SIGTERM");
});
