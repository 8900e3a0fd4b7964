import { spawnSync } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import * as Y from "yjs";
import type { HistoryPageBody } from "#core/protocol/api/history.ts";
import { draw, marksOf, recordUpdates } from "../sync/marks.ts";
import { RawClient } from "../sync/raw-client.ts";
import { bareMicrograph } from "./bare-micrograph.ts";
import {
  adminToken,
  byToken,
  json,
  makeProject,
  startTestServer,
  type TestServer,
} from "./running-server.ts";

const megabyte = 2 ** 20;
const disk = await mkdtemp(join(tmpdir(), "lamella-disk-"));
const mounted =
  spawnSync("mount", ["-t", "tmpfs", "-o", "size=48m", "tmpfs", disk], { stdio: "ignore" }).status === 0;
if (!mounted)
  console.info("A small disk cannot be mounted here: only a disk that is told to be full is tried.");

/** Takes every free byte of the disk. @returns gives them back */
async function fill(): Promise<() => Promise<void>> {
  const path = join(disk, "somebody-elses-file");
  const file = await open(path, "w");
  for (let step = megabyte; step >= 512; ) {
    try {
      const { bytesWritten } = await file.write(new Uint8Array(step));
      if (bytesWritten < step) step /= 2;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      step /= 2;
    }
  }
  await file.close();
  return () => rm(path);
}

describe.skipIf(!mounted)("R17 a disk of 48 MB that is really full", () => {
  let server: TestServer;
  let room: string;
  let micrograph: string;
  beforeAll(async () => {
    server = await startTestServer({ dataDir: join(disk, "data") });
    micrograph = await bareMicrograph(server, await makeProject(server, "p"));
    room = `micrograph:${micrograph}:annotations`;
  });
  afterAll(async () => {
    await server?.stop();
    spawnSync("umount", [disk]);
    await rm(disk, { recursive: true, force: true });
  });

  async function connect(doc: Y.Doc): Promise<RawClient> {
    const client = await RawClient.connect(server.syncUrl, room, "", byToken(adminToken));
    client.hello({ clientId: doc.clientID });
    await client.hears("hello");
    return client;
  }
  const marks = async () => server.rooms.readDocument(room, (doc) => [...marksOf(doc).keys()].sort());

  it("the sender is told to come later and keeps the edit, reading goes on, nothing acknowledged is lost", async () => {
    const doc = new Y.Doc();
    const updates = recordUpdates(doc);
    const client = await connect(doc);
    draw(doc, "before");
    client.sync(2, updates.at(-1)!);
    await client.hears("ack", ({ frames }) => frames === 1);

    const giveBack = await fill();
    let isGivenBack = false;
    onTestFinished(async () => void (isGivenBack || (await giveBack())));
    // What the database has already reserved takes a few more edits in; then the disk says no.
    let sent = 1;
    while (client.socket.readyState === client.socket.OPEN && sent < 2_000) {
      draw(doc, `while-${++sent}`, { note: "x".repeat(20_000) });
      client.sync(2, updates.at(-1)!);
      await Promise.race([client.hears("ack", ({ frames }) => frames >= sent), client.hears("closed")]);
    }
    expect((await client.hears("closed")).code).toBe(4503);
    const acknowledged = client.all("ack").at(-1)!.frames;
    expect(acknowledged).toBeLessThan(sent);
    const kept = await marks();
    expect(kept).toHaveLength(acknowledged);
    // History too, to the last acknowledged edit, and any moment of it.
    const path = `/micrographs/${micrograph}/history`;
    const { entries } = await json<HistoryPageBody>(
      server.call("GET", `${path}?limit=1000&changes=yes`, byToken(adminToken)),
    );
    expect(entries).toHaveLength(acknowledged);
    const moment = `${path}/${entries.at(-1)!.seq}/annotations`;
    expect((await server.call("GET", moment, byToken(adminToken))).status).toBe(200);
    expect((await server.call("GET", `${path}/editors`, byToken(adminToken))).status).toBe(200);
    const written = await server.call("POST", "/projects", byToken(adminToken), { name: "q" });
    expect(written.status).toBe(507);
    expect(await written.text()).toContain("disk");

    await giveBack();
    isGivenBack = true;
    const again = await connect(doc);
    again.sync(1, Y.encodeStateAsUpdate(doc));
    await again.hears("ack", ({ frames }) => frames === 1);
    expect(await marks()).toHaveLength(sent);

    // And from the disk: a new server on the same folder.
    const expected = await marks();
    await server.close();
    server = await startTestServer({ dataDir: join(disk, "data") });
    expect(await marks()).toEqual(expected);
  });
});
