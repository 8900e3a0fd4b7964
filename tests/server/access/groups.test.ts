import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Directory, Group } from "#core/protocol/api/people.ts";
import type { Member, Project } from "#core/protocol/api/shapes.ts";
import { closeCodes } from "#core/protocol/close-codes.ts";
import {
  admin,
  errorCode,
  json,
  makeGuest,
  makePerson,
  makeProject,
  testServer,
  type Visitor,
} from "../http/running-server.ts";

const server = await testServer();

const makeGroup = async (name: string, ...memberIds: string[]) => {
  const { principal } = await json<Group>(server.call("POST", "/groups", admin, { name }));
  for (const id of memberIds) await server.call("PUT", `/groups/${principal.id}/members/${id}`, admin);
  return principal.id;
};
const status = async (path: string, as: Visitor, method = "GET") =>
  (await server.call(method, path, as)).status;

/** The code with which the room's socket of somebody is closed next. */
async function closed(room: string, { cookie }: Visitor, act: () => Promise<unknown>): Promise<number> {
  const socket = new WebSocket(`${server.syncUrl}/${room}`, {
    headers: { cookie: cookie! },
  });
  await once(socket, "message");
  const [ended] = await Promise.all([once(socket, "close"), act()]);
  return ended[0] as number;
}

describe("a group", () => {
  it("gives its role to whoever is in it, and takes it away with them, from open sockets too", async () => {
    const ada = await makePerson(server, "Ada of the group");
    const ben = await makePerson(server, "Ben of the group");
    const projectId = await makeProject(server, "wires");
    const groupId = await makeGroup("Battery group", ada.id);
    expect(await status(`/projects/${projectId}/gallery`, ada.visitor)).toBe(404);
    const asAnnotator = { role: "annotator", mayDownloadOriginals: false };
    await server.call("PUT", `/projects/${projectId}/members/${groupId}`, admin, asAnnotator);
    const [project] = (await json<{ projects: Project[] }>(server.call("GET", "/projects", ada.visitor)))
      .projects;
    expect(project).toMatchObject({ id: projectId, role: "annotator", ownerName: "Administrator" });
    expect(await status(`/projects/${projectId}/gallery`, ben.visitor)).toBe(404);
    const { members } = await json<{ members: Member[] }>(
      server.call("GET", `/projects/${projectId}/members`, ada.visitor),
    );
    expect(members.map(({ principal }) => principal.kind)).toEqual(["person", "group"]);

    const room = `project:${projectId}:shared`;
    const asReader = { ...asAnnotator, role: "reader" };
    const lowered = () => server.call("PUT", `/projects/${projectId}/members/${groupId}`, admin, asReader);
    // Another role is no farewell: the socket comes back with it.
    expect(await closed(room, ada.visitor, lowered)).toBe(closeCodes.rightsChanged);
    const out = () => server.call("DELETE", `/groups/${groupId}/members/${ada.id}`, admin);
    expect(await closed(room, ada.visitor, out)).toBe(closeCodes.noRight);
    expect(await status(`/projects/${projectId}/gallery`, ada.visitor)).toBe(404);
  });

  it("owns a project that is given to it, and is not dissolved while it is the last owner", async () => {
    const ada = await makePerson(server, "Ada who owns");
    const groupId = await makeGroup("Owners", ada.id);
    const projectId = await makeProject(server, "given");
    const body = { principalId: groupId, stayAs: null };
    expect((await server.call("POST", `/projects/${projectId}/transfer`, admin, body)).status).toBe(204);
    const { projects } = await json<{ projects: Project[] }>(server.call("GET", "/projects", ada.visitor));
    expect(projects).toMatchObject([{ id: projectId, role: "owner", ownerName: "Owners" }]);
    expect(await errorCode(server.call("DELETE", `/groups/${groupId}`, admin))).toBe("last-owner");
    // Whoever is in by the group alone has nothing of their own to leave.
    expect(await errorCode(server.call("DELETE", `/projects/${projectId}/membership`, ada.visitor))).toBe(
      "no-right",
    );
    const asOwner = { role: "owner", mayDownloadOriginals: true };
    await server.call("PUT", `/projects/${projectId}/members/${ada.id}`, ada.visitor, asOwner);
    expect(await status(`/groups/${groupId}`, admin, "DELETE")).toBe(204);
    const { groups } = await json<Directory>(server.call("GET", "/directory", admin));
    expect(groups.some(({ principal }) => principal.id === groupId)).toBe(false);
    expect(await status(`/projects/${projectId}/gallery`, ada.visitor)).toBe(200);
  });

  it("is listed for people, not for guests; names tell groups and people apart", async () => {
    const ada = await makePerson(server, "Ada in the directory");
    await makeGroup("Thin films", ada.id);
    const { people, groups } = await json<Directory>(server.call("GET", "/directory", ada.visitor));
    expect(people.map(({ name }) => name)).toContain("Ada in the directory");
    const found = groups.find(({ principal }) => principal.name === "Thin films")!;
    expect(found.members.map(({ name }) => name)).toEqual(["Ada in the directory"]);
    const guest = await makeGuest(server, await makeProject(server, "p"), "annotator");
    expect(await status("/directory", guest.visitor)).toBe(403);
    expect(await errorCode(server.call("POST", "/groups", admin, { name: "thin FILMS" }))).toBe("name-taken");
    const add = `/groups/${found.principal.id}/members/${guest.id}`;
    expect(await status(add, admin, "PUT")).toBe(404);
  });
});

describe("one's own name", () => {
  it("is changed by oneself and belongs to nobody else", async () => {
    const ada = await makePerson(server, "Ada Lovelase");
    await makePerson(server, "Grace Hopper");
    const rename = (name: string) => server.call("PUT", "/session/name", ada.visitor, { name });
    expect(await errorCode(rename("grace hopper"))).toBe("name-taken");
    expect(await json(rename(" Ada Lovelace "))).toMatchObject({ principal: { name: "Ada Lovelace" } });
    const room = `project:${await makeProject(server, "p", ada.visitor)}:shared`;
    expect(await closed(room, ada.visitor, () => rename("ada lovelace"))).toBe(closeCodes.rightsChanged);
  });
});
