import "fake-indexeddb/auto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type AnnotationSession, openAnnotationSession } from "#client/session/annotation-session.ts";
import { protocolVersion } from "#core/protocol/version.ts";
import { createRecordId } from "#core/schema/ids.ts";
import { phantomTiff } from "./phantom-tiff.ts";
import { admin, json, makeProject, startTestServer, type TestServer } from "./running-server.ts";
import { sentMicrograph } from "./sent-micrograph.ts";

let server: TestServer;
let micrographId: string;
let principalId: string;

beforeAll(async () => {
  server = await startTestServer();
  const projectId = await makeProject(server, "p");
  ({ micrographId } = await sentMicrograph(server, projectId, await phantomTiff(41)));
  principalId = (await server.catalogue.administrator())!.id;
});
afterAll(() => server.stop());

/** The socket of a tab that was loaded before an upgrade: it claims another version in its hello. */
function socketOfVersion(version: number): typeof globalThis.WebSocket {
  const claim = `"protocolVersion":${protocolVersion}`;
  return class extends WebSocket {
    override send(data: never): void {
      const bytes = Buffer.from(data as Uint8Array);
      if (bytes[0] !== 101) {
        super.send(data);
        return;
      }
      const hello = bytes.toString("latin1");
      expect(hello).toContain(claim);
      // One digit for another: the length before the text stays true.
      super.send(Buffer.from(hello.replace(claim, `"protocolVersion":${version}`), "latin1"));
    }
  } as never;
}

function openTab(version: number): AnnotationSession {
  return openAnnotationSession({
    micrographId,
    principalId,
    serverUrl: server.url.replace("http", "ws"),
    WebSocketImpl: socketOfVersion(version),
    localCopy: true,
    ticket: async () => (await json<{ ticket: string }>(server.call("POST", "/tickets", admin))).ticket,
  });
}

const stored = async () =>
  (
    await json<{ annotations: unknown[] }>(
      server.call("GET", `/micrographs/${micrographId}/annotations`, admin),
    )
  ).annotations.length;
const states = (session: AnnotationSession) => () => session.connection.getState();

it("a tab from before an upgrade is told to reload; what was drawn in it arrives after", async () => {
  const old = openTab(protocolVersion + 1);
  old.document.execute({
    type: "create",
    id: createRecordId(),
    annotation: {
      kind: "region",
      origin: [{ by: "drawn", tool: "polygon", version: "1" }],
      rings: [
        {
          ...{ closed: true, hole: false },
          points: [
            [0, 0],
            [9, 0],
            [9, 4],
          ],
        },
      ],
    },
  });
  await expect.poll(states(old)).toMatchObject({ state: "outdated", waiting: 1 });
  expect(await stored()).toBe(0);
  await old.close();

  const reloaded = openTab(protocolVersion);
  await expect.poll(states(reloaded)).toMatchObject({ state: "saved" });
  expect(await stored()).toBe(1);
  expect([...reloaded.document.annotations().values()]).toHaveLength(1);
  await reloaded.close();
});
