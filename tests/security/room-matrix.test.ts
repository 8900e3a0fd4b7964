import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { type Role, roles } from "#core/protocol/roles.ts";
import { bareMicrograph } from "../server/http/bare-micrograph.ts";
import {
  makeGuest,
  makeMember,
  makePerson,
  makeProject,
  startTestServer,
  type TestServer,
  type Visitor,
} from "../server/http/running-server.ts";
import { draw, recordUpdates } from "../server/sync/marks.ts";
import { RawClient } from "../server/sync/raw-client.ts";

/**
 * Who may enter which room, and who may write there, written down apart from the code that decides it. In the rooms that
 * the server writes (comments, classes) nobody writes over a socket, whatever their role.
 */
const writers: Readonly<Record<string, ReadonlySet<Who>>> = {
  annotations: new Set<Who>(["annotator", "reviewer", "owner", "guest annotator"]),
  record: new Set(),
  shared: new Set(),
};

type Guest = `guest ${"reader" | "commenter" | "annotator"}`;
type Who = "anonymous" | "outsider" | "member of another project" | "waiting guest" | Role | Guest;
const guests: readonly Guest[] = ["guest reader", "guest commenter", "guest annotator"];
const members: readonly Who[] = [...roles, ...guests];
const everybody: readonly Who[] = [
  ...members,
  ...(["anonymous", "outsider", "member of another project", "waiting guest"] as const),
];

let server: TestServer;
let own: Record<string, string>;
let foreign: Record<string, string>;
const visitors = new Map<Who, Visitor>([["anonymous", {}]]);

beforeAll(async () => {
  server = await startTestServer();
  const project = await makeProject(server, "own");
  const other = await makeProject(server, "foreign");
  for (const role of roles)
    visitors.set(role, (await makeMember(server, project, role, `Member ${role}`)).visitor);
  for (const guest of guests)
    visitors.set(guest, (await makeGuest(server, project, guest.slice("guest ".length))).visitor);
  const stranger = await makeMember(server, other, "owner", "Stranger");
  visitors.set("member of another project", stranger.visitor);
  visitors.set("outsider", (await makePerson(server, "Outsider")).visitor);
  const waiting = await makeGuest(server, project, "annotator", "Wanda");
  await server.catalogue.putMembership({
    ...{ projectId: project, principalId: waiting.id, role: "annotator", state: "waiting" },
  });
  visitors.set("waiting guest", waiting.visitor);
  const roomsOf = async (projectId: string) => {
    const micrograph = await bareMicrograph(server, projectId);
    return {
      annotations: `micrograph:${micrograph}:annotations`,
      record: `micrograph:${micrograph}:record`,
      shared: `project:${projectId}:shared`,
    };
  };
  [own, foreign] = [await roomsOf(project), await roomsOf(other)];
});
afterAll(() => server.stop());

const enter = (who: Who, room: string) => RawClient.connect(server.syncUrl, room, "", visitors.get(who));

/** What somebody is told who must not be in: nothing of the room comes before it. */
async function refusal(who: Who, room: string): Promise<number> {
  const client = await enter(who, room);
  const { code } = await client.hears("closed");
  expect(client.heard, who).toHaveLength(1);
  return code;
}

const stateOf = (room: string) =>
  server.rooms.readDocument(room, (doc) => Buffer.from(Y.encodeStateAsUpdate(doc)).toString("hex"));

describe.each(["annotations", "record", "shared"])("R8 the room %s", (kind) => {
  it.each(members)("lets a %s in, and take its writing only if they may", async (who) => {
    const room = own[kind]!;
    const before = await stateOf(room);
    const client = await enter(who, room);
    const doc = new Y.Doc();
    const updates = recordUpdates(doc);
    client.hello({ clientId: doc.clientID });
    const { value } = await client.hears("hello");
    const may = writers[kind]!.has(who);
    expect(value["mayWrite"], who).toBe(may);
    draw(doc, `of-${who.replace(" ", "-")}`);
    client.sync(2, updates[0]!);
    if (may) {
      await client.hears("ack", ({ frames }) => frames === 1);
      expect(await stateOf(room)).not.toBe(before);
      return;
    }
    expect((await client.hears("closed")).code).toBe(4409);
    expect(client.all("refused").map(({ value: { code } }) => code)).toEqual(["role"]);
    expect(await stateOf(room)).toBe(before);
    // Nor by the answer to the server's step 1, as a stock provider gives it.
    const again = await enter(who, room);
    again.sync(1, Y.encodeStateAsUpdate(doc));
    expect((await again.hears("closed")).code).toBe(4409);
    expect(await stateOf(room)).toBe(before);
  });

  it("shows nobody else that it exists", async () => {
    expect(await refusal("anonymous", own[kind]!)).toBe(4401);
    expect(await refusal("anonymous", foreign[kind]!)).toBe(4401);
    for (const who of ["outsider", "member of another project"] as const)
      expect(await refusal(who, own[kind]!), who).toBe(4404);
    for (const who of members) expect(await refusal(who, foreign[kind]!), who).toBe(4404);
    expect(await refusal("waiting guest", own[kind]!)).toBe(4403);
    // A room of a project or a micrograph that never was looks the same.
    for (const who of everybody.filter((one) => one !== "anonymous"))
      expect(await refusal(who, foreign[kind]!.replace(/:[^:]+/, ":never-was-there")), who).toBe(4404);
  });
});

it("a round's room, its history and its authors are there for nobody as long as there are no rounds", async () => {
  const owner = visitors.get("owner")!;
  const { principal } = (await (await server.call("GET", "/session", owner)).json()) as {
    principal: { id: string };
  };
  const room = `round:some-round-01:${principal.id}`;
  for (const who of everybody) expect(await refusal(who, room), who).toBe(who === "anonymous" ? 4401 : 4404);
  const path = `/rooms/${encodeURIComponent(room)}/authors`;
  for (const who of members)
    expect((await server.call("GET", path, visitors.get(who))).status, who).toBe(404);
});
