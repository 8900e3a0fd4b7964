import { z } from "zod";
import * as shapes from "#core/protocol/api/shapes.ts";
import { type ProjectVisit, projectVisit, visitProject } from "#core/protocol/api/visits.ts";
import { notFound } from "#server/access/access.ts";
import { AccessError } from "#server/access/access-error.ts";
import type { VisitRecord } from "#server/storage/catalogue.ts";
import type { AppPorts } from "../app-ports.ts";
import { createRightsChanged } from "../rights-changed.ts";
import { type Route, route } from "../route.ts";
import { shownPrincipal } from "./session-routes.ts";

const byId = z.object({ id: shapes.id });
const eventsShown = 500;

/** Whose a project is, who leaves it, and who looked in without being a member. */
export function createOwnershipRoutes(ports: AppPorts): readonly Route[] {
  const { access, events, usage, visits } = ports;
  const { catalogue } = access;
  const rightsChanged = createRightsChanged(ports);
  return [
    route({
      method: "post",
      path: "/projects/:id/transfer",
      summary: "Give the project to somebody else, who owns it from then on.",
      needs: { right: "manage", in: "project" },
      params: byId,
      body: shapes.transferProject,
      async handle({ projectId, caller, body }) {
        const heir = await catalogue.principal(body.principalId);
        const heirs = [
          ...(await catalogue.people()),
          ...(await catalogue.groups()).map(({ principal }) => principal),
        ];
        const known = heir && heirs.some(({ id }) => id === heir.id);
        if (!heir || !known) throw notFound();
        const from = caller.principal.id;
        if (heir.id === from) return;
        await catalogue.transferProject(projectId, from, heir.id, body.stayAs);
        await events.record(projectId, from, "transferred", { to: heir.id, toName: heir.displayName });
        await rightsChanged(projectId, [from, heir.id]);
      },
    }),
    route({
      method: "delete",
      path: "/projects/:id/membership",
      summary: "Leave the project. Its last owner cannot.",
      needs: { right: "see", in: "project" },
      params: byId,
      async handle({ projectId, caller }) {
        const { id } = caller.principal;
        if (!(await catalogue.membership(projectId, id))) throw notByThemselves();
        if (!(await catalogue.removeMembership(projectId, id))) throw lastOwner();
        await events.record(projectId, id, "member-left");
        await rightsChanged(projectId, [id]);
      },
    }),
    route({
      method: "get",
      path: "/projects/:id/events",
      summary:
        "What happened to the project: who came and went, and when the administrator looked in, and why.",
      needs: { right: "see", in: "project" },
      params: byId,
      answer: z.object({ events: z.array(shapes.projectEvent) }),
      async handle({ projectId }) {
        const shown = [];
        for (const event of await events.list(projectId, eventsShown)) {
          const who = await catalogue.principal(event.principalId);
          shown.push({ ...event, name: who?.displayName ?? "somebody who is gone" });
        }
        return { events: shown };
      },
    }),
    route({
      method: "get",
      path: "/administration/projects",
      summary: "Every project's owner, age and size; neither names nor contents.",
      needs: "administrator",
      answer: z.object({ projects: z.array(shapes.projectUsage), guests: z.array(shapes.principal) }),
      handle: async () => ({
        projects: [...(await usage.projects())],
        guests: (await catalogue.guests()).map(shownPrincipal),
      }),
    }),
    route({
      method: "post",
      path: "/administration/projects/:id/visit",
      summary:
        "Read a project that one is no member of, for an hour. The reason stands in its events, for all to see.",
      needs: "administrator",
      params: byId,
      body: visitProject,
      answer: projectVisit,
      async handle({ params, caller, body }) {
        if (!(await catalogue.project(params.id))) throw notFound();
        return shownVisit(await visits.begin(params.id, caller.principal.id, body.reason));
      },
    }),
    route({
      method: "delete",
      path: "/administration/projects/:id/visit",
      summary: "Leave a project that one looked into, before the hour is over.",
      needs: "administrator",
      params: byId,
      handle: ({ params, caller }) => visits.end(params.id, caller.principal.id),
    }),
  ];
}

export function shownVisit({ reason, untilMs }: VisitRecord): ProjectVisit {
  return { reason, until: new Date(untilMs).toISOString() };
}

function notByThemselves(): AccessError {
  return new AccessError(
    "no-right",
    "You are here by a group or as the administrator, not by yourself. Ask an owner to take the group out.",
  );
}

export function lastOwner(): AccessError {
  return new AccessError(
    "last-owner",
    "A project needs an owner, and this is the last one. Make somebody else an owner first.",
  );
}
