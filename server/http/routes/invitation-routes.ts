import { z } from "zod";
import * as links from "#core/protocol/api/invitations.ts";
import * as shapes from "#core/protocol/api/shapes.ts";
import { notFound } from "#server/access/access.ts";
import { AccessError } from "#server/access/access-error.ts";
import { requireSessionCarrier } from "#server/access/connection.ts";
import { sessionCookie } from "#server/access/session-cookie.ts";
import type { InvitationRecord } from "#server/storage/catalogue.ts";
import type { AppPorts } from "../app-ports.ts";
import { createRightsChanged } from "../rights-changed.ts";
import { type Route, route } from "../route.ts";

const byId = z.object({ id: shapes.id });
const byToken = z.object({ token: z.string().max(200) });

const shownInvitation = (invitation: InvitationRecord) => ({
  id: invitation.id,
  role: invitation.role,
  createdBy: invitation.createdBy.displayName,
  expiresAt: invitation.expiresAt,
  maxUses: invitation.maxUses,
  uses: invitation.uses,
  waitingRoom: invitation.waitingRoom,
  revoked: invitation.revoked,
});

/** Links into a project, the door they lead to, and who stands there. */
export function createInvitationRoutes(ports: AppPorts): readonly Route[] {
  const { access, events, invitations, connection, publicUrl } = ports;
  const { catalogue } = access;
  const rightsChanged = createRightsChanged(ports);
  return [
    route({
      method: "get",
      path: "/invitations/:token",
      summary: "What a link offers.",
      needs: "anyone",
      params: byToken,
      answer: links.invitationOffer,
      async handle({ params }) {
        const { invitation, project } = await invitations.open(params.token);
        const { role, createdBy, expiresAt, waitingRoom, path } = invitation;
        return {
          projectId: project.id,
          projectName: project.name,
          role,
          invitedBy: createdBy.displayName,
          expiresAt,
          waitingRoom,
          path,
        };
      },
    }),
    route({
      method: "post",
      path: "/invitations/:token/accept",
      summary: "Go in: as the person who is signed in, else as a guest of this name.",
      needs: "anyone",
      params: byToken,
      body: links.invitationAccept,
      answer: links.invitationAccepted,
      async handle({ params, body, maybeCaller }, { request, response }) {
        requireSessionCarrier(request, connection);
        // A token for one project must not be a way into others.
        if (maybeCaller?.scope) {
          throw new AccessError(
            "no-right",
            "This token is limited to a project or a role and cannot accept invitations.",
          );
        }
        const { state, path, session } = await invitations.accept(maybeCaller, params.token, body.name);
        if (session !== undefined) response.setHeader("set-cookie", sessionCookie(session));
        return { state, path };
      },
    }),
    route({
      method: "get",
      path: "/projects/:id/invitations",
      summary: "The project's links, without their secrets.",
      needs: { right: "manage", in: "project" },
      params: byId,
      answer: z.object({ invitations: z.array(links.invitation) }),
      handle: async ({ projectId }) => ({
        invitations: (await catalogue.invitationsOf(projectId)).map(shownInvitation),
      }),
    }),
    route({
      method: "post",
      path: "/projects/:id/invitations",
      summary: "A new link; its address is in this answer and nowhere else.",
      needs: { right: "manage", in: "project" },
      params: byId,
      body: links.createInvitation,
      status: 201,
      answer: links.invitation,
      async handle({ projectId, caller, body }) {
        const { invitation, secret } = await invitations.create(caller, { projectId, ...body });
        return { ...shownInvitation(invitation), url: `${publicUrl()}/join/${secret}` };
      },
    }),
    route({
      method: "delete",
      path: "/projects/:id/invitations/:invitationId",
      summary:
        "Revoke a link: it lets nobody in any more, nor those still at the door. Guests who are in stay, or go with it.",
      needs: { right: "manage", in: "project" },
      params: byId.extend({ invitationId: shapes.id }),
      query: links.revokeInvitation,
      async handle({ projectId, params, query, caller }) {
        if (!(await catalogue.revokeInvitation(projectId, params.invitationId))) throw notFound();
        access.forget();
        if (query.guests === "keep") return;
        const guests = await catalogue.removeGuestsOf(projectId, params.invitationId);
        await rightsChanged(projectId, guests);
        await events.record(projectId, caller.principal.id, "guests-removed", {
          count: String(guests.length),
        });
      },
    }),
    route({
      method: "get",
      path: "/projects/:id/waiting",
      summary: "Guests at the door.",
      needs: { right: "annotate", in: "project" },
      params: byId,
      answer: z.object({ waiting: z.array(links.waitingGuest) }),
      handle: async ({ projectId }) => ({
        waiting: (await catalogue.members(projectId, "waiting")).map(({ principal, since }) => ({
          id: principal.id,
          name: principal.displayName,
          since,
        })),
      }),
    }),
    route({
      method: "post",
      path: "/projects/:id/waiting/:guestId",
      summary: "Let a guest in, or not.",
      needs: { right: "annotate", in: "project" },
      params: byId.extend({ guestId: shapes.id }),
      body: links.admit,
      async handle({ projectId, params, body }) {
        const guest = await catalogue.membership(projectId, params.guestId);
        if (guest?.state !== "waiting") throw notFound();
        const { role, mayDownloadOriginals } = guest;
        const state = body.admit ? "in" : "refused";
        await catalogue.putMembership({
          projectId,
          principalId: params.guestId,
          role,
          mayDownloadOriginals,
          state,
        });
        await rightsChanged(projectId, [params.guestId]);
      },
    }),
  ];
}
