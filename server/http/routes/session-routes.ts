import { z } from "zod";
import { ownName } from "#core/protocol/api/people.ts";
import * as shapes from "#core/protocol/api/shapes.ts";
import { closeCodes } from "#core/protocol/close-codes.ts";
import { protocolVersion } from "#core/protocol/version.ts";
import { type Caller, notFound } from "#server/access/access.ts";
import { nameTaken } from "#server/access/access-error.ts";
import { requireSessionCarrier } from "#server/access/connection.ts";
import { plainName } from "#server/access/invitations.ts";
import { hashPassword } from "#server/access/passwords.ts";
import { hashSecret } from "#server/access/secrets.ts";
import { endedSessionCookie, readSessionCookie, sessionCookie } from "#server/access/session-cookie.ts";
import { openSession, principalOfLink, principalOfPassword } from "#server/access/sign-in.ts";
import { ticketLifetimeS } from "#server/access/tickets.ts";
import type { PrincipalRecord } from "#server/storage/catalogue.ts";
import type { AppPorts } from "../app-ports.ts";
import { type Route, route } from "../route.ts";

export function shownPrincipal({
  id,
  kind,
  displayName,
  colour,
  administrator,
}: PrincipalRecord): shapes.Principal {
  return { id, kind, name: displayName, colour, administrator };
}

/** Enough of a session's hash to name it; the secret itself has twice as many bits as could be searched. */
const shownId = (hash: string) => hash.slice(0, 16);

/** Signing in, out, and who one is. */
export function createSessionRoutes({
  access,
  sessions,
  institute,
  connection,
  tickets,
  dataDir,
  rooms,
}: AppPorts): readonly Route[] {
  const { catalogue } = access;

  const stateOf = async (
    caller: Pick<Caller, "principal"> | undefined,
  ): Promise<z.input<typeof shapes.sessionState>> => {
    const demo = (await catalogue.demoProject()) !== undefined;
    const offered = institute === null ? null : { name: institute.settings.name };
    if (!caller) return { principal: null, demo, protocolVersion, institute: offered };
    const doors = caller.principal.kind === "guest" ? await catalogue.doorsOf(caller.principal.id) : [];
    const principal = shownPrincipal(caller.principal);
    return { principal, demo, protocolVersion, institute: offered, atTheDoor: [...doors] };
  };
  const signIn = async (principalId: string, oldSecret: string | undefined) => {
    // A session from before does not live on beside the new one.
    if (oldSecret !== undefined) await sessions.end(hashSecret(oldSecret));
    const secret = await openSession(catalogue, principalId);
    access.forget();
    const principal = (await catalogue.principal(principalId))!;
    return { cookie: sessionCookie(secret), state: await stateOf({ principal }) };
  };

  return [
    route({
      method: "get",
      path: "/session",
      summary: "Who am I.",
      needs: "anyone",
      answer: shapes.sessionState,
      handle: async ({ maybeCaller }) => stateOf(maybeCaller),
    }),
    route({
      method: "post",
      path: "/session/link",
      summary: "Sign in by a one-time link.",
      needs: "anyone",
      body: shapes.linkSignIn,
      answer: shapes.sessionState,
      async handle({ body }, { request, response }) {
        requireSessionCarrier(request, connection);
        const principalId = await principalOfLink(catalogue, dataDir, body.token);
        if (body.name !== undefined) await catalogue.renamePrincipal(principalId, plainName(body.name));
        const { cookie, state } = await signIn(principalId, readSessionCookie(request));
        response.setHeader("set-cookie", cookie);
        return state;
      },
    }),
    route({
      method: "post",
      path: "/session/password",
      summary: "Sign in by name and password.",
      needs: "anyone",
      body: shapes.passwordSignIn,
      answer: shapes.sessionState,
      async handle({ body }, { request, response }) {
        requireSessionCarrier(request, connection);
        const principalId = await principalOfPassword(catalogue, body.name, body.password);
        const { cookie, state } = await signIn(principalId, readSessionCookie(request));
        response.setHeader("set-cookie", cookie);
        return state;
      },
    }),
    route({
      method: "put",
      path: "/session/password",
      summary: "Set one's own password; every other session of one's own ends.",
      needs: "person",
      body: shapes.newPassword,
      async handle({ body, caller }) {
        await catalogue.setPassword(caller.principal.id, await hashPassword(body.password));
        await sessions.endAllOf(caller.principal.id, caller.sessionHash);
      },
    }),
    route({
      method: "put",
      path: "/session/name",
      summary: "Change one's own name, as everybody sees it.",
      needs: "person",
      body: ownName,
      answer: shapes.sessionState,
      async handle({ body, caller }) {
        const name = plainName(body.name);
        const holder = (await catalogue.personByName(name))?.principal;
        if (holder && holder.id !== caller.principal.id) throw nameTaken(name);
        await catalogue.renamePrincipal(caller.principal.id, name);
        access.forget();
        // Beside the cursor stands the name one came with: open connections come back with the new one.
        rooms.revoke(caller.principal.id, "all", closeCodes.rightsChanged);
        return stateOf({ principal: (await catalogue.principal(caller.principal.id))! });
      },
    }),
    route({
      method: "delete",
      path: "/session",
      summary: "Sign out.",
      needs: "signed-in",
      async handle({ caller }, { response }) {
        if (caller.sessionHash !== null) await sessions.end(caller.sessionHash);
        response.setHeader("set-cookie", endedSessionCookie);
      },
    }),
    route({
      method: "get",
      path: "/sessions",
      summary: "Where one is signed in.",
      needs: "person",
      answer: z.object({ sessions: z.array(shapes.openSession) }),
      handle: async ({ caller }) => ({
        sessions: (await catalogue.sessionsOf(caller.principal.id)).map(
          ({ hash, createdAt, expiresAtMs }) => ({
            ...{ id: shownId(hash), createdAt, expiresAt: new Date(expiresAtMs).toISOString() },
            current: hash === caller.sessionHash,
          }),
        ),
      }),
    }),
    route({
      method: "delete",
      path: "/sessions/:id",
      summary: "Sign out there: a lost laptop, a browser at the microscope.",
      needs: "person",
      params: z.object({ id: shapes.id }),
      async handle({ params, caller }) {
        const found = (await catalogue.sessionsOf(caller.principal.id)).find(
          ({ hash }) => shownId(hash) === params.id,
        );
        if (!found) throw notFound();
        await sessions.end(found.hash);
      },
    }),
    route({
      method: "post",
      path: "/tickets",
      summary: "A one-time ticket for a socket: /sync/<room>?ticket=…",
      needs: "signed-in",
      answer: shapes.ticket,
      handle: async ({ caller }) => ({ ticket: tickets.issue(caller), expiresInS: ticketLifetimeS }),
    }),
  ];
}
