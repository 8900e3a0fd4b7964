import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import {
  admin,
  byCookie,
  byToken,
  cookieOf,
  errorCode,
  json,
  linkSecret,
  makeGuest,
  makePerson,
  makeProject,
  testServer,
} from "../http/running-server.ts";

const server = await testServer();

const authorsOf = async (room: string) => [...(await server.rooms.authors(room)).values()];

describe("a guest", () => {
  it("becomes an account under the same identity: marks stay theirs, the role too", async () => {
    const { visitor } = await makePerson(server, "Hos T");
    const projectId = await makeProject(server, "p", visitor);
    await server.catalogue.putMembership({
      ...{ projectId, principalId: (await server.catalogue.administrator())!.id, role: "owner", state: "in" },
    });
    const guest = await makeGuest(server, projectId, "annotator", "Gwen");
    const room = `project:${projectId}:shared`;
    const object = { type: "put-object", object: { id: "o1", name: "grain 1" } };
    expect((await server.call("POST", `/projects/${projectId}/shared`, guest.visitor, object)).status).toBe(
      204,
    );
    const before = await authorsOf(room);
    expect(before).toContain(guest.id);
    expect((await server.call("POST", "/projects", guest.visitor, { name: "mine" })).status).toBe(403);

    expect((await server.call("POST", `/people/${guest.id}/account`, visitor, {})).status).toBe(403);
    const made = await json<{ principal: { id: string; kind: string; name: string }; url: string }>(
      server.call("POST", `/people/${guest.id}/account`, admin, {}),
    );
    expect(made.principal).toMatchObject({ id: guest.id, kind: "person", name: "Gwen" });
    expect((await server.call("POST", `/people/${guest.id}/account`, admin, {})).status).toBe(404);

    const signedIn = await server.call(
      "POST",
      "/session/link",
      { "x-lamella": "1" },
      { token: linkSecret(made.url) },
    );
    const gwen = byCookie(cookieOf(signedIn));
    expect((await server.call("POST", "/projects", gwen, { name: "mine" })).status).toBe(201);
    const { members } = await json<{ members: { principal: { id: string; name: string }; role: string }[] }>(
      server.call("GET", `/projects/${projectId}/members`, gwen),
    );
    expect(members.find(({ principal }) => principal.id === guest.id)).toMatchObject({
      principal: { name: "Gwen" },
      role: "annotator",
    });
    expect(await authorsOf(room)).toEqual(before);
  });

  it("stays when their link is revoked, or goes with it: membership and open sockets", async () => {
    const { visitor } = await makePerson(server, "Link Maker");
    const projectId = await makeProject(server, "p", visitor);
    const invite = () =>
      json<{ id: string; url: string }>(
        server.call("POST", `/projects/${projectId}/invitations`, visitor, {
          role: "reader",
          waitingRoom: false,
        }),
      );
    const come = async (url: string, name: string) =>
      byCookie(
        cookieOf(
          await server.call(
            "POST",
            `/invitations/${url.split("/").at(-1)}/accept`,
            { "x-lamella": "1" },
            { name },
          ),
        ),
      );
    const [first, second] = [await invite(), await invite()];
    const [a, b, c] = [
      await come(first.url, "A"),
      await come(first.url, "B"),
      await come(second.url, "C"),
    ] as const;
    const { cookie } = a as { cookie: string };
    const socket = new WebSocket(`${server.syncUrl}/project:${projectId}:shared`, {
      headers: { cookie },
    });
    const closed = new Promise<number>((resolve) => socket.once("close", resolve));
    await new Promise((resolve) => socket.once("message", resolve));
    const gallery = `/projects/${projectId}/gallery`;

    await server.call("DELETE", `/projects/${projectId}/invitations/${second.id}`, visitor);
    expect((await server.call("GET", gallery, c)).status).toBe(200);
    const removed = await server.call(
      "DELETE",
      `/projects/${projectId}/invitations/${first.id}?guests=remove`,
      visitor,
    );
    expect(removed.status).toBe(204);
    expect(await closed).toBe(4403);
    for (const guest of [a, b]) expect((await server.call("GET", gallery, guest)).status).toBe(404);
    expect((await server.call("GET", gallery, c)).status).toBe(200);
  });
});

describe("the administrator", () => {
  it("reads no project without a reason that its members then read", async () => {
    const { visitor } = await makePerson(server, "Pri Vate");
    const projectId = await makeProject(server, "Unpublished alloy", visitor);
    const gallery = `/projects/${projectId}/gallery`;
    expect((await server.call("GET", gallery, admin)).status).toBe(404);
    const listed = await (await server.call("GET", "/administration/projects", admin)).text();
    expect(listed).toContain(projectId);
    expect(listed).not.toContain("Unpublished");

    const visit = `/administration/projects/${projectId}/visit`;
    expect((await server.call("POST", visit, admin, { reason: "curious" })).status).toBe(400);
    expect((await server.call("GET", gallery, admin)).status).toBe(404);
    const reason = "The owner asked by mail to look at a failed upload.";
    const { until } = await json<{ until: string }>(server.call("POST", visit, admin, { reason }));
    expect(Date.parse(until) - Date.now()).toBeLessThanOrEqual(3600_000);
    expect((await server.call("GET", gallery, admin)).status).toBe(200);
    const object = { type: "put-object", object: { id: "o1", name: "x" } };
    expect((await server.call("POST", `/projects/${projectId}/shared`, admin, object)).status).toBe(403);
    expect((await server.call("DELETE", `/projects/${projectId}`, admin)).status).toBe(403);
    const { events } = await json<{ events: object[] }>(
      server.call("GET", `/projects/${projectId}/events`, visitor),
    );
    expect(events).toMatchObject([{ kind: "administrator-read", detail: { reason } }]);

    const { id } = (await server.catalogue.administrator())!;
    await server.catalogue.putVisit({ projectId, principalId: id, reason, untilMs: Date.now() - 1 });
    expect(await server.catalogue.roleIn(projectId, id)).toBeUndefined();
  });

  it("erases a person: name and ways in go, authorship stays, the last owner is kept", async () => {
    const { id, visitor } = await makePerson(server, "Gone Soon");
    const heir = await makePerson(server, "Sta Ying");
    const projectId = await makeProject(server, "p", visitor);
    const refused = await server.call("DELETE", `/people/${id}`, admin);
    expect(refused.status).toBe(409);
    expect(await errorCode(refused)).toBe("last-owner");
    await server.call("POST", `/projects/${projectId}/transfer`, visitor, { principalId: heir.id });
    const { token } = await json<{ token: string }>(server.call("POST", "/tokens", visitor, { name: "t" }));
    expect((await server.call("DELETE", `/people/${id}`, admin)).status).toBe(204);
    for (const way of [visitor, byToken(token)])
      expect((await server.call("GET", "/projects", way)).status).toBe(401);
    expect((await server.call("POST", `/people/${id}/link`, admin, {})).status).toBe(404);
    const everything = await Promise.all(
      ["/people", "/tombstones"].map(async (path) => (await server.call("GET", path, admin)).text()),
    );
    expect(everything.join()).not.toContain("Gone Soon");
    expect(everything[1]).toContain(id);
    const room = `project:${projectId}:shared`;
    expect(await authorsOf(room)).toContain(id);
    const authors = await (
      await server.call("GET", `/rooms/${encodeURIComponent(room)}/authors`, heir.visitor)
    ).text();
    expect(authors).toContain("Former member");
    // The name is free again, for somebody else with another identity.
    expect((await makePerson(server, "Gone Soon")).id).not.toBe(id);
  });

  it("signs somebody out everywhere", async () => {
    const { id, visitor } = await makePerson(server, "Lost Laptop");
    expect((await server.call("DELETE", `/people/${id}/sessions`, admin)).status).toBe(204);
    expect((await server.call("GET", "/projects", visitor)).status).toBe(401);
  });
});
