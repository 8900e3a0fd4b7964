import { expect, it } from "vitest";
import type { ProjectEvent } from "#core/protocol/api/people.ts";
import type { Project } from "#core/protocol/api/shapes.ts";
import { longestProjectName } from "#core/protocol/readable-name.ts";
import { admin, json, makeMember, makePerson, makeProject, testServer } from "../http/running-server.ts";

const server = await testServer();

const rename = (projectId: string, name: unknown, as = admin) =>
  server.call("PATCH", `/projects/${projectId}`, as, { name });

it("an owner gives a project another name, which its members read, with the one before in its events", async () => {
  const projectId = await makeProject(server, "Grains");
  const reader = await makeMember(server, projectId, "reader", "Rea Reader");
  const named = await json<Project>(rename(projectId, "  Wires \n of batch\u202e 2 "));
  expect(named).toMatchObject({ id: projectId, name: "Wires of batch 2", role: "owner" });
  const { projects } = await json<{ projects: Project[] }>(server.call("GET", "/projects", reader.visitor));
  expect(projects.map(({ name }) => name)).toEqual(["Wires of batch 2"]);
  // The same name again is no event.
  await json(rename(projectId, "Wires of batch 2"));
  const { events } = await json<{ events: ProjectEvent[] }>(
    server.call("GET", `/projects/${projectId}/events`, reader.visitor),
  );
  expect(events.filter(({ kind }) => kind === "renamed")).toMatchObject([
    { name: "Administrator", detail: { from: "Grains", to: "Wires of batch 2" } },
  ]);
});

it("takes a name of 1 to 200 characters, also at its making, and says so of any other", async () => {
  const projectId = await makeProject(server, "Grains");
  const longest = "λ".repeat(longestProjectName);
  expect((await json<Project>(rename(projectId, longest))).name).toBe(longest);
  expect((await makeProject(server, longest)).length).toBeGreaterThan(0);
  for (const [name, received] of [
    ["", 0],
    [" \t\u200b\u202e ", 0],
    [`${longest}λ`, 201],
  ] as const) {
    for (const answer of [
      await rename(projectId, name),
      await server.call("POST", "/projects", admin, { name }),
    ]) {
      expect(answer.status).toBe(400);
      const { error } = (await answer.json()) as { error: { code: string; message: string } };
      expect(error.code).toBe("invalid-request");
      expect(error.message).toContain(
        `at "name": expected a name of 1 to 200 characters that can be read, received ${received}.`,
      );
    }
  }
  expect((await rename(projectId, 7)).status).toBe(400);
  expect((await server.call("GET", `/projects/${projectId}/gallery`, admin)).status).toBe(200);
});

it("is not for those who do not manage it, and not there for those outside", async () => {
  const projectId = await makeProject(server, "Grains");
  const reviewer = await makeMember(server, projectId, "reviewer", "Revi Reviewer");
  const outsider = await makePerson(server, "Otto Outside");
  expect((await rename(projectId, "Mine", reviewer.visitor)).status).toBe(403);
  expect((await rename(projectId, "Mine", outsider.visitor)).status).toBe(404);
  const { project } = await json<{ project: Project }>(
    server.call("GET", `/projects/${projectId}/gallery`, reviewer.visitor),
  );
  expect(project.name).toBe("Grains");
});
