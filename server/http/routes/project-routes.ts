import { z } from "zod";
import { putClass, readShared } from "#core/document/shared-document.ts";
import { createProject, renameProject } from "#core/protocol/api/projects.ts";
import * as shapes from "#core/protocol/api/shapes.ts";
import { readableName } from "#core/protocol/readable-name.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import { defaultClasses } from "#core/schema/default-classes.ts";
import { type Caller, notFound, type Standing } from "#server/access/access.ts";
import { peopleWithin } from "#server/access/people-within.ts";
import { newId } from "#server/access/secrets.ts";
import { picturesShown, seriesShown } from "#server/ingest/shown-jointly.ts";
import { frameFormat } from "#server/ingest/stack-parts.ts";
import type { ProjectRecord } from "#server/storage/catalogue.ts";
import type { AppPorts } from "../app-ports.ts";
import { createRightsChanged } from "../rights-changed.ts";
import { RoomDigests } from "../room-digests.ts";
import { roomsOfProject } from "../rooms-of-project.ts";
import { type Route, route } from "../route.ts";
import { lastOwner, shownVisit } from "./ownership-routes.ts";
import { shownPrincipal } from "./session-routes.ts";

const byId = z.object({ id: shapes.id });
const mosaicTiles = 4;

/** Projects, what is in them, and who. */
export function createProjectRoutes(ports: AppPorts): readonly Route[] {
  const { access, events, history, rooms, ingest } = ports;
  const { catalogue } = access;
  const digests = new RoomDigests(ports);

  const shownProject = async (
    project: ProjectRecord,
    standing: Pick<Standing, "role" | "mayDownloadOriginals">,
    caller: Caller,
  ): Promise<shapes.Project> => {
    const micrographs = await ingest.catalogue.listMicrographs(project.id);
    const visit = caller.principal.administrator
      ? await catalogue.visit(project.id, caller.principal.id)
      : undefined;
    return {
      id: project.id,
      name: project.name,
      role: standing.role,
      mayDownloadOriginals: standing.mayDownloadOriginals,
      ownerName: (await catalogue.principal(project.ownerId))?.displayName ?? "",
      demo: project.demo,
      createdAt: project.createdAt,
      micrographCount: micrographs.length,
      onlineCount: rooms.onlineCount(await roomsOfProject(ingest.catalogue, project.id)),
      mosaic: micrographs.flatMap(({ thumbnail }) => thumbnail ?? []).slice(0, mosaicTiles),
      ...(visit && { visit: shownVisit(visit) }),
    };
  };
  const rightsChanged = createRightsChanged(ports);
  const requireAnotherOwner = async (projectId: string, principalId: string) => {
    const owners = (await catalogue.members(projectId, "in")).filter(({ role }) => role === "owner");
    if (owners.length === 1 && owners[0]!.principal.id === principalId) {
      throw lastOwner();
    }
  };

  return [
    route({
      method: "get",
      path: "/projects",
      summary: "The projects one is in.",
      needs: "signed-in",
      answer: z.object({ projects: z.array(shapes.project) }),
      async handle({ caller }) {
        const projects = [];
        for (const project of await catalogue.projectsOf(caller.principal.id)) {
          const standing = await access.standing(caller, project.id);
          if (standing) projects.push(await shownProject(project, standing, caller));
        }
        return { projects };
      },
    }),
    route({
      method: "post",
      path: "/projects",
      summary: "A new project, private to whoever makes it.",
      needs: "person",
      body: createProject,
      status: 201,
      answer: shapes.project,
      async handle({ body, caller }) {
        const ownerId = caller.principal.id;
        const project = await catalogue.addProject({
          id: newId(),
          name: readableName(body.name),
          ownerId,
          demo: false,
        });
        access.forget();
        await rooms.writeAsServer(
          formatRoomName({ kind: "shared", projectId: project.id }),
          ownerId,
          (doc) => {
            for (const annotationClass of defaultClasses) putClass(doc, annotationClass);
          },
        );
        return shownProject(project, { role: "owner", mayDownloadOriginals: true }, caller);
      },
    }),
    route({
      method: "patch",
      path: "/projects/:id",
      summary: "Give the project another name; its address and its links stay as they are.",
      needs: { right: "manage", in: "project" },
      params: byId,
      body: renameProject,
      answer: shapes.project,
      async handle({ projectId, standing, caller, body }) {
        const project = (await catalogue.project(projectId)) ?? fail();
        const name = readableName(body.name);
        if (name !== project.name) {
          await catalogue.renameProject(projectId, name);
          await events.record(projectId, caller.principal.id, "renamed", { from: project.name, to: name });
        }
        return shownProject({ ...project, name }, standing, caller);
      },
    }),
    route({
      method: "delete",
      path: "/projects/:id",
      summary: "Into the bin, where it rests for 30 days.",
      needs: { right: "manage", in: "project" },
      params: byId,
      async handle({ projectId, caller }) {
        const people = await peopleWithin(catalogue, projectId);
        await catalogue.binProject(projectId, caller.principal.id);
        await events.record(projectId, caller.principal.id, "binned");
        await rightsChanged(projectId, people);
      },
    }),
    route({
      method: "get",
      path: "/projects/:id/gallery",
      summary: "Everything a project's page shows.",
      needs: { right: "see", in: "project" },
      params: byId,
      answer: shapes.gallery,
      async handle({ projectId, standing, caller }) {
        const project = (await catalogue.project(projectId)) ?? fail();
        const [micrographs, sources, series, specimens, sessions, pictures, followers] = await Promise.all([
          ingest.catalogue.listMicrographs(projectId),
          ingest.catalogue.listSources(projectId),
          ingest.catalogue.listSeries(projectId),
          ingest.records.specimens(projectId),
          ingest.records.sessions(projectId),
          ingest.pictures.groups(projectId),
          ingest.catalogue.followersOf(projectId),
        ]);
        const proposedCount = await ingest.records.countProposed(projectId, [...followers.keys()]);
        ingest.inPlace.lookAround(projectId);
        const shared = formatRoomName({ kind: "shared", projectId });
        const roomOf = (micrographId: string) => formatRoomName({ kind: "annotations", micrographId });
        const ready = micrographs.filter(({ status }) => status === "ready").map(({ id }) => id);
        const [classes, marks] = await Promise.all([
          digests.of([shared], (room) =>
            rooms.readDocument(room, (doc) => [...readShared(doc).classes.values()]),
          ),
          digests.of(ready.map(roomOf), (room, seq) => history.countByClass(room, seq)),
        ]);
        /** The file of the card that shows a file as a further signal. */
        const cardOf = (micrographId: string) =>
          micrographs.find(({ id }) => id === followers.get(micrographId))?.sourceId;
        const counted = ready.flatMap((id) => {
          const counts = marks.get(roomOf(id));
          return counts ? [{ id, counts: [...counts] }] : [];
        });
        return {
          project: await shownProject(project, standing, caller),
          micrographs: [...micrographs],
          ...{ specimens, sessions, proposedCount, pictures: picturesShown(pictures, followers) },
          classes: (classes.get(shared) ?? []) as shapes.Gallery["classes"],
          marks: Object.fromEntries(counted.map(({ id, counts }) => [id, counts])),
          // A document that was read has its pictures in its series: it is on no way any more.
          sources: sources
            .filter(
              ({ micrographs: found, format, status }) =>
                found.length === 0 && format !== frameFormat && status !== "ready",
            )
            .map(withoutPath),
          originalsAway: Object.fromEntries(
            sources.flatMap(({ id, place, micrographs: [first = ""] }) =>
              place && place.state !== "present" ? [[cardOf(first) ?? id, place.state] as const] : [],
            ),
          ),
          series: seriesShown(series, followers),
        };
      },
    }),
    route({
      method: "get",
      path: "/projects/:id/members",
      summary: "Who is in the project, and as what.",
      needs: { right: "see", in: "project" },
      params: byId,
      answer: z.object({ members: z.array(shapes.member) }),
      handle: async ({ projectId }) => ({
        members: (await catalogue.members(projectId, "in")).map(
          ({ principal, role, mayDownloadOriginals }) => ({
            ...{ principal: shownPrincipal(principal), role, mayDownloadOriginals },
          }),
        ),
      }),
    }),
    route({
      method: "put",
      path: "/projects/:id/members/:principalId",
      summary: "Give a member another role; sockets open under the old one are closed and return.",
      needs: { right: "manage", in: "project" },
      params: byId.extend({ principalId: shapes.id }),
      body: shapes.putMember,
      async handle({ projectId, params, caller, body }) {
        const { principalId } = params;
        const principal = await catalogue.principal(principalId);
        const held = await catalogue.membership(projectId, principalId);
        // A person can be taken in by name; a guest comes by a link only.
        if (!principal || (principal.kind === "guest" && held?.state !== "in")) throw notFound();
        if (body.role !== "owner") await requireAnotherOwner(projectId, principalId);
        await catalogue.putMembership({ projectId, principalId, ...body, state: "in" });
        const detail = { of: principalId, ofName: principal.displayName, role: body.role };
        await events.record(projectId, caller.principal.id, "member-changed", detail);
        await rightsChanged(projectId, [principalId]);
      },
    }),
    route({
      method: "delete",
      path: "/projects/:id/members/:principalId",
      summary: "Take somebody out of the project; their open sockets are closed.",
      needs: { right: "manage", in: "project" },
      params: byId.extend({ principalId: shapes.id }),
      async handle({ projectId, params, caller }) {
        const member = await catalogue.membership(projectId, params.principalId);
        if (!member) throw notFound();
        if (!(await catalogue.removeMembership(projectId, params.principalId))) throw lastOwner();
        const { id: of, displayName: ofName } = member.principal;
        await events.record(projectId, caller.principal.id, "member-left", { of, ofName });
        await rightsChanged(projectId, [params.principalId]);
      },
    }),
  ];
}

/** Folders of the server's disk are for whoever manages the project, who is told by the source itself. */
function withoutPath(source: shapes.Source): shapes.Source {
  return source.place ? { ...source, place: { ...source.place, path: null } } : source;
}

function fail(): never {
  throw notFound();
}
