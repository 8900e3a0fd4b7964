import { expect, it } from "vitest";
import { bareMicrograph } from "../http/bare-micrograph.ts";
import {
  admin,
  errorCode,
  json,
  makePerson,
  makeProject,
  testServer,
  type Visitor,
} from "../http/running-server.ts";
import { RawClient } from "../sync/raw-client.ts";

const server = await testServer();

it("a project of a group is everybody's in it, and nobody's out of it: managed, drawn in, binned and brought back", async () => {
  const [ada, ben, eve] = [
    await makePerson(server, "Ada"),
    await makePerson(server, "Ben"),
    await makePerson(server, "Eve"),
  ];
  const { principal: group } = await json<{ principal: { id: string } }>(
    server.call("POST", "/groups", admin, { name: "Wires" }),
  );
  const status = async (method: string, path: string, as: Visitor, body?: object) =>
    (await server.call(method, path, as, body)).status;
  for (const { id } of [ada, ben])
    expect(await status("PUT", `/groups/${group.id}/members/${id}`, admin)).toBe(204);
  const projectId = await makeProject(server, "p", ada.visitor);
  const room = `micrograph:${await bareMicrograph(server, projectId)}:annotations`;
  const give = { principalId: group.id, stayAs: null };
  expect(await status("POST", `/projects/${projectId}/transfer`, ada.visitor, give)).toBe(204);

  for (const { visitor } of [ada, ben])
    expect(await status("POST", `/projects/${projectId}/invitations`, visitor, { role: "reader" })).toBe(201);
  expect(await status("GET", `/projects/${projectId}/gallery`, eve.visitor)).toBe(404);
  const enter = async (visitor: Visitor, clientId: number) => {
    const client = await RawClient.connect(server.syncUrl, room, "", visitor);
    client.hello({ clientId });
    return client;
  };
  const adas = await enter(ada.visitor, 801);
  expect((await adas.hears("hello")).value).toMatchObject({ mayWrite: true, principalId: ada.id });

  // The group is the last owner: it stays, whoever asks, and nobody in it keeps the project from going on.
  expect(
    await errorCode(server.call("DELETE", `/projects/${projectId}/members/${group.id}`, ben.visitor)),
  ).toBe("last-owner");
  expect(await status("DELETE", `/projects/${projectId}`, ben.visitor)).toBe(204);
  expect((await adas.hears("closed")).code).toBe(4403);
  const binned = async (visitor: Visitor) =>
    (await json<{ projects: { id: string }[] }>(server.call("GET", "/bin", visitor))).projects.map(
      ({ id }) => id,
    );
  expect([await binned(ada.visitor), await binned(eve.visitor)]).toEqual([[projectId], []]);
  expect(await status("POST", `/bin/${projectId}/restore`, eve.visitor)).toBe(404);
  expect(await status("POST", `/bin/${projectId}/restore`, ada.visitor)).toBe(204);

  // Out of the group is out of its projects, at open sockets too; a role of one's own would stay.
  const again = await enter(ada.visitor, 802);
  const bens = await enter(ben.visitor, 803);
  await Promise.all([again.hears("hello"), bens.hears("hello")]);
  expect(
    await status("PUT", `/projects/${projectId}/members/${ben.id}`, ada.visitor, { role: "reader" }),
  ).toBe(204);
  // Ben holds more by the group than by himself.
  expect((await bens.hears("closed")).code).toBe(4408);
  const bensAgain = await enter(ben.visitor, 804);
  expect((await bensAgain.hears("hello")).value["mayWrite"]).toBe(true);
  for (const { id } of [ada, ben])
    expect(await status("DELETE", `/groups/${group.id}/members/${id}`, admin)).toBe(204);
  expect((await again.hears("closed")).code).toBe(4403);
  expect((await bensAgain.hears("closed")).code).toBe(4408);
  expect((await (await enter(ben.visitor, 805)).hears("hello")).value["mayWrite"]).toBe(false);
  expect(await status("GET", `/projects/${projectId}/gallery`, ada.visitor)).toBe(404);
});

it("whoever is in a project by a group is out of a file's rooms when it goes into the bin", async () => {
  const ada = await makePerson(server, "Ada of the file");
  const ben = await makePerson(server, "Ben of the group");
  const { principal: group } = await json<{ principal: { id: string } }>(
    server.call("POST", "/groups", admin, { name: "Files" }),
  );
  const projectId = await makeProject(server, "p", ada.visitor);
  const micrographId = await bareMicrograph(server, projectId);
  await server.call("PUT", `/groups/${group.id}/members/${ben.id}`, admin);
  await server.call("PUT", `/projects/${projectId}/members/${group.id}`, ada.visitor, { role: "annotator" });
  const room = `micrograph:${micrographId}:annotations`;
  const bens = await RawClient.connect(server.syncUrl, room, "", ben.visitor);
  bens.hello({ clientId: 811 });
  expect((await bens.hears("hello")).value["mayWrite"]).toBe(true);
  const { sourceId } = await json<{ sourceId: string }>(
    server.call("GET", `/micrographs/${micrographId}`, ada.visitor),
  );
  expect((await server.call("DELETE", `/sources/${sourceId}`, ada.visitor)).status).toBe(204);
  expect((await bens.hears("closed")).code).toBe(4404);
});
