import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { failingStore } from "./failing-store.ts";
import { phantomTiff } from "./phantom-tiff.ts";
import { admin, makeProject, startTestServer, type TestServer } from "./running-server.ts";
import { sentMicrograph } from "./sent-micrograph.ts";

const { disk, openStore } = failingStore();
let server: TestServer;
let projectId: string;
let micrographId: string;

beforeAll(async () => {
  server = await startTestServer({}, { openStore });
  projectId = await makeProject(server, "p");
  ({ micrographId } = await sentMicrograph(server, projectId, await phantomTiff(3)));
});
afterAll(() => server.stop());

const put = (name: string) =>
  server.call("POST", `/projects/${projectId}/shared`, admin, {
    type: "put-object",
    object: { id: name, name },
  });

async function connect(doc: Y.Doc) {
  const closes: number[] = [];
  const provider = new WebsocketProvider(server.syncUrl, `micrograph:${micrographId}:annotations`, doc, {
    WebSocketPolyfill: class extends WebSocket {
      constructor(address: string | URL) {
        super(address, { headers: admin });
        this.on("close", (code) => closes.push(code));
      }
    } as never,
    disableBc: true,
    maxBackoffTime: 100,
  });
  await new Promise<void>((resolve) => provider.once("sync", () => resolve()));
  return { provider, closes };
}

const write = (doc: Y.Doc, key: string) =>
  doc.transact(() => {
    const record = new Y.Map<string>();
    record.set("note", key);
    doc.getMap("annotations").set(key, record);
  });
const stored = () =>
  server.rooms.readDocument(`micrograph:${micrographId}:annotations`, (doc) =>
    [...doc.getMap("annotations").keys()].sort(),
  );

describe.each([
  ["full", 507],
  ["read-only", 503],
] as const)("while the disk is %s", (trouble, status) => {
  it("writes are refused with a sentence, reading goes on, and what was not stored is sent again", async () => {
    const doc = new Y.Doc();
    const { provider, closes } = await connect(doc);
    write(doc, `before-${trouble}`);
    await expect.poll(stored).toContain(`before-${trouble}`);

    disk.trouble = trouble;
    const refused = await put("while");
    expect(refused.status).toBe(status);
    expect((await refused.text()).includes(`disk says ${trouble}`)).toBe(true);
    write(doc, `while-${trouble}`);
    await expect.poll(() => closes.includes(4503)).toBe(true);

    for (const path of [`/projects/${projectId}/gallery`, `/micrographs/${micrographId}/thumbnail.jpg`]) {
      expect((await server.call("GET", path, admin)).status, path).toBe(200);
    }
    expect(await stored()).toContain(`before-${trouble}`);
    expect(await stored()).not.toContain(`while-${trouble}`);
    // An answer is remembered for two seconds.
    const ready = async () => (await fetch(`${server.url}/readyz`)).status;
    await expect.poll(ready).toBe(503);
    expect(await (await fetch(`${server.url}/readyz`)).json()).toMatchObject({
      status: "not-writable",
      reasons: [expect.stringContaining(trouble)],
    });
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);

    disk.trouble = null;
    await expect.poll(stored).toContain(`while-${trouble}`);
    expect((await put("after")).status).toBe(204);
    await expect.poll(ready).toBe(200);
    provider.destroy();
    doc.destroy();
  });
});
