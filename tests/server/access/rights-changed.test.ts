import { afterAll, beforeAll, expect, it } from "vitest";
import { promptMs } from "#tests/patience.ts";
import { bareMicrograph } from "../http/bare-micrograph.ts";
import {
  admin,
  byToken,
  json,
  makeGuest,
  makePerson,
  makeProject,
  startTestServer,
  type TestServer,
  type Visitor,
} from "../http/running-server.ts";
import { RawClient } from "../sync/raw-client.ts";

let server: TestServer;
let projectId: string;
let room: string;
beforeAll(async () => {
  server = await startTestServer();
  projectId = await makeProject(server, "p");
  room = `micrograph:${await bareMicrograph(server, projectId)}:annotations`;
});
afterAll(() => server.stop());

const give = (id: string, role: string) =>
  server.call("PUT", `/projects/${projectId}/members/${id}`, admin, { role });
async function enter(visitor: Visitor, clientId: number) {
  const client = await RawClient.connect(server.syncUrl, room, "", visitor);
  client.hello({ clientId });
  return client;
}
const mayWrite = async (client: RawClient) => (await client.hears("hello")).value["mayWrite"];

it("R8 another role reaches an open socket at once: it ends and comes back with the new ones", async () => {
  const { id, visitor } = await makePerson(server, "Rolf Roles");
  await give(id, "annotator");
  for (const [role, may] of [
    ["reader", false],
    ["annotator", true],
    ["commenter", false],
  ] as const) {
    const client = await enter(visitor, 700);
    expect(await mayWrite(client)).toBe(!may);
    const started = performance.now();
    await give(id, role);
    const { code, reason } = await client.hears("closed");
    expect(performance.now() - started).toBeLessThan(promptMs);
    expect([code, reason]).toEqual([4408, expect.stringContaining("rights in this room have changed")]);
    expect(await mayWrite(await enter(visitor, 700))).toBe(may);
  }
});

it("R8 who is taken out is told that there is no access any more, and the room is not there for them", async () => {
  const { id, visitor } = await makePerson(server, "Olga Out");
  await give(id, "owner");
  const client = await enter(visitor, 701);
  await mayWrite(client);
  const started = performance.now();
  expect((await server.call("DELETE", `/projects/${projectId}/members/${id}`, admin)).status).toBe(204);
  const { code, reason } = await client.hears("closed");
  expect(performance.now() - started).toBeLessThan(promptMs);
  expect([code, reason]).toEqual([4403, expect.stringContaining("no access to this room any more")]);
  expect((await (await enter(visitor, 701)).hears("closed")).code).toBe(4404);
});

it("R8 a project that goes into the bin takes everybody out, its owner too", async () => {
  const { visitor } = await makePerson(server, "Ben Binned");
  const mine = await makeProject(server, "mine", visitor);
  const shared = `project:${mine}:shared`;
  const client = await RawClient.connect(server.syncUrl, shared, "", visitor);
  await client.hears("step1");
  expect((await server.call("DELETE", `/projects/${mine}`, visitor)).status).toBe(204);
  expect((await client.hears("closed")).code).toBe(4403);
});

it("originals are a right of their own: given to a reader, kept from an annotator, narrowed by a token, never a guest's", async () => {
  const { catalogue } = server.ingest;
  const [micrograph] = await catalogue.listMicrographs(projectId);
  const path = `/sources/${micrograph!.sourceId}/original`;
  // The bytes are not there: whoever gets as far as being told so has the right.
  const may = async (as: Visitor) => {
    const { status } = await server.call("GET", path, as);
    expect([403, 404]).toContain(status);
    return status === 404;
  };
  const put = (id: string, role: string, mayDownloadOriginals: boolean) =>
    server.call("PUT", `/projects/${projectId}/members/${id}`, admin, { role, mayDownloadOriginals });
  const reader = await makePerson(server, "Rita Reader");
  await put(reader.id, "reader", true);
  expect(await may(reader.visitor)).toBe(true);
  const scoped = { name: "t", projectId, role: "reader" };
  const { token } = await json<{ token: string }>(server.call("POST", "/tokens", reader.visitor, scoped));
  expect(await may(byToken(token))).toBe(true);
  const annotator = await makePerson(server, "Anton Annotator");
  await put(annotator.id, "annotator", false);
  expect(await may(annotator.visitor)).toBe(false);
  await put(reader.id, "reader", false);
  expect([await may(reader.visitor), await may(byToken(token))]).toEqual([false, false]);
  const guest = await makeGuest(server, projectId, "annotator");
  await put(guest.id, "annotator", true);
  expect(await may(guest.visitor)).toBe(false);
});

it("R8 a token or a ticket opens a room with no more than it may: its project, at most its role, as long as it lives", async () => {
  const { id, visitor } = await makePerson(server, "Tom Token");
  await give(id, "annotator");
  const elsewhere = await makeProject(server, "elsewhere", visitor);
  const make = async (scope: object) =>
    json<{ id: string; token: string }>(server.call("POST", "/tokens", visitor, { name: "t", ...scope }));
  const reading = await make({ projectId, role: "reader" });
  const writing = await make({ projectId });
  const other = await make({ projectId: elsewhere });
  expect(await mayWrite(await enter(byToken(reading.token), 710))).toBe(false);
  expect(await mayWrite(await enter(byToken(writing.token), 711))).toBe(true);
  expect((await (await enter(byToken(other.token), 712)).hears("closed")).code).toBe(4404);
  const { ticket } = await json<{ ticket: string }>(server.call("POST", "/tickets", byToken(reading.token)));
  const byTicket = () => RawClient.connect(server.syncUrl, room, `ticket=${ticket}`);
  const first = await byTicket();
  first.hello({ clientId: 713 });
  expect(await mayWrite(first)).toBe(false);
  expect((await (await byTicket()).hears("closed")).code).toBe(4401);
  // The token goes, and with it what it and its ticket have opened.
  const open = await enter(byToken(reading.token), 714);
  await mayWrite(open);
  expect((await server.call("DELETE", `/tokens/${reading.id}`, visitor)).status).toBe(204);
  expect((await first.hears("closed")).code).toBe(4401);
  expect((await open.hears("closed")).code).toBe(4401);
});
