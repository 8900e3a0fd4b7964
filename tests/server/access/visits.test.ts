import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { ProjectEvent } from "#core/protocol/api/people.ts";
import type { Project } from "#core/protocol/api/shapes.ts";
import { Visits } from "#server/access/visits.ts";
import type { VisitRecord } from "#server/storage/catalogue.ts";
import { admin, json, makeMember, makePerson, makeProject, testServer } from "../http/running-server.ts";
import { RawClient } from "../sync/raw-client.ts";

const server = await testServer();
const reason = "Its owner asked me to find the raw file of wire 3.";

const projectOf = async (projectId: string, as = admin) =>
  (await json<{ project: Project }>(server.call("GET", `/projects/${projectId}/gallery`, as))).project;

describe("an administrator who looks in", () => {
  it("is told for what and until when, only reads, and leaves when they like: the room's door closes behind them", async () => {
    const ola = await makePerson(server, "Ola Owner");
    const projectId = await makeProject(server, "Unpublished alloy", ola.visitor);
    const visit = `/administration/projects/${projectId}/visit`;
    const until = (await json<{ until: string }>(server.call("POST", visit, admin, { reason }))).until;
    expect((await projectOf(projectId)).visit).toEqual({ reason, until });
    expect((await projectOf(projectId, ola.visitor)).visit).toBeUndefined();

    const room = `project:${projectId}:shared`;
    const client = await RawClient.connect(server.syncUrl, room, "", admin);
    client.hello({ clientId: 31 });
    expect((await client.hears("hello")).value).toMatchObject({ mayWrite: false });
    expect((await server.call("DELETE", visit, ola.visitor)).status).toBe(403);
    expect((await server.call("DELETE", visit, admin)).status).toBe(204);
    expect((await client.hears("closed")).code).toBe(4403);
    expect((await server.call("GET", `/projects/${projectId}/gallery`, admin)).status).toBe(404);
    const { events } = await json<{ events: ProjectEvent[] }>(
      server.call("GET", `/projects/${projectId}/events`, ola.visitor),
    );
    expect(events).toMatchObject([{ kind: "administrator-read", name: "Administrator", detail: { reason } }]);
  });

  it("is out of the rooms with everybody else when the project goes into the bin", async () => {
    const ola = await makePerson(server, "Ola of the bin");
    const projectId = await makeProject(server, "Soon gone", ola.visitor);
    await json(server.call("POST", `/administration/projects/${projectId}/visit`, admin, { reason }));
    const client = await RawClient.connect(server.syncUrl, `project:${projectId}:shared`, "", admin);
    client.hello({ clientId: 32 });
    await client.hears("hello");
    expect((await server.call("DELETE", `/projects/${projectId}`, ola.visitor)).status).toBe(204);
    expect((await client.hears("closed")).code).toBe(4403);
  });

  it("is no visitor where they are a member", async () => {
    const projectId = await makeProject(server, "Theirs");
    await makeMember(server, projectId, "owner", "Second Owner");
    await json(server.call("POST", `/administration/projects/${projectId}/visit`, admin, { reason }));
    expect(await projectOf(projectId)).toMatchObject({ role: "owner" });
    expect((await projectOf(projectId)).visit).toBeUndefined();
  });
});

describe("the end of a visit", () => {
  it("reaches open sockets in time, also of a visit that began before the server was started anew", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const begun = { projectId: "p1", principalId: "a1", reason, untilMs: Date.now() + 60_000 };
    const told: string[] = [];
    const store: VisitRecord[] = [begun];
    const visits = new Visits({
      catalogue: {
        visits: async () => store,
        putVisit: async (visit) => void store.push(visit),
        endVisit: async () => undefined,
      },
      events: { record: async () => undefined },
      rightsChanged: async (projectId) => void told.push(projectId),
    });
    const stop = await visits.resume();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(told).toEqual(["p1"]);

    const { untilMs } = await visits.begin("p2", "a1", reason);
    expect(told.splice(0)).toEqual(["p1", "p2"]);
    // Asked for again while it lasts, it lasts longer.
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect((await visits.begin("p2", "a1", reason)).untilMs).toBe(untilMs + 1_000_000);
    told.length = 0;
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(told).toEqual(["p2"]);
    stop();
  });
});
