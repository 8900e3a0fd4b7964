import { z } from "zod";
import * as shapes from "#core/protocol/api/shapes.ts";
import { closeCodes } from "#core/protocol/close-codes.ts";
import { notFound } from "#server/access/access.ts";
import { AccessError, nameTaken } from "#server/access/access-error.ts";
import { signInAddress } from "#server/access/administrator-link.ts";
import { plainName } from "#server/access/invitations.ts";
import { hashSecret, newId, newSecret } from "#server/access/secrets.ts";
import type { TokenRecord } from "#server/storage/catalogue.ts";
import type { AppPorts } from "../app-ports.ts";
import { type Route, route } from "../route.ts";
import { shownPrincipal } from "./session-routes.ts";

const linkLifetimeMs = 7 * 24 * 3600_000;
const byId = z.object({ id: shapes.id });

const shownToken = ({ id, name, projectId, role, createdAt, expiresAtMs }: TokenRecord) => ({
  ...{ id, name, projectId, role, createdAt },
  expiresAt: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString(),
});

/** People with accounts, made by the administrator, and the tokens that scripts use on their behalf. */
export function createPeopleRoutes({ access, sessions, rooms, publicUrl }: AppPorts): readonly Route[] {
  const { catalogue } = access;
  const signInLinkFor = async (principalId: string) => {
    const secret = newSecret();
    await catalogue.addSignInLink(hashSecret(secret), principalId, Date.now() + linkLifetimeMs);
    return signInAddress(publicUrl(), secret);
  };
  const requireFreeName = async (name: string) => {
    if (await catalogue.personByName(name)) throw nameTaken(name);
  };
  const endEverythingOf = async (principalId: string) => {
    await sessions.endAllOf(principalId);
    for (const { id } of await catalogue.tokensOf(principalId)) await sessions.revokeToken(id, principalId);
  };
  return [
    route({
      method: "get",
      path: "/people",
      summary: "Everybody with an account.",
      needs: "administrator",
      answer: z.object({ people: z.array(shapes.principal) }),
      handle: async () => ({ people: (await catalogue.people()).map(shownPrincipal) }),
    }),
    route({
      method: "post",
      path: "/people",
      summary: "Make an account; its one-time sign-in link is shown once.",
      needs: "administrator",
      body: shapes.newPerson,
      status: 201,
      answer: shapes.personWithLink,
      async handle({ body }) {
        const name = plainName(body.name);
        await requireFreeName(name);
        const principal = await catalogue.addPrincipal({ id: newId(), kind: "person", name });
        return { principal: shownPrincipal(principal), url: await signInLinkFor(principal.id) };
      },
    }),
    route({
      method: "post",
      path: "/people/:id/link",
      summary: "A new one-time sign-in link for somebody with an account.",
      needs: "administrator",
      params: byId,
      status: 201,
      answer: shapes.personWithLink,
      async handle({ params }) {
        const principal = (await catalogue.people()).find(({ id }) => id === params.id);
        if (!principal) throw notFound();
        return { principal: shownPrincipal(principal), url: await signInLinkFor(principal.id) };
      },
    }),
    route({
      method: "post",
      path: "/people/:id/account",
      summary: "A guest becomes a person: the same identity, so that their marks stay theirs.",
      needs: "administrator",
      params: byId,
      body: shapes.makeAccount,
      status: 201,
      answer: shapes.personWithLink,
      async handle({ params, body }) {
        const guest = await catalogue.principal(params.id);
        if (guest?.kind !== "guest") throw notFound();
        const name = plainName(body.name ?? guest.name);
        await requireFreeName(name);
        await catalogue.makePerson(guest.id, name);
        access.forget();
        const principal = (await catalogue.principal(guest.id))!;
        return { principal: shownPrincipal(principal), url: await signInLinkFor(guest.id) };
      },
    }),
    route({
      method: "delete",
      path: "/people/:id/sessions",
      summary: "Sign somebody out everywhere and revoke their tokens.",
      needs: "administrator",
      params: byId,
      async handle({ params }) {
        if (!(await catalogue.principal(params.id))) throw notFound();
        await endEverythingOf(params.id);
      },
    }),
    route({
      method: "delete",
      path: "/people/:id",
      summary: "Erase somebody's name and every way in. Their marks stay, by a former member.",
      needs: "administrator",
      params: byId,
      async handle({ params, caller }) {
        const principal = await catalogue.principal(params.id);
        const isKnown = (await catalogue.people()).some(({ id }) => id === params.id);
        if (!principal || (principal.kind === "person" && !isKnown)) throw notFound();
        const owned = await catalogue.solelyOwned(params.id);
        if (owned.length > 0 || params.id === caller.principal.id) {
          throw new AccessError(
            "last-owner",
            owned.length > 0
              ? `${principal.displayName} is the last owner of ${owned.length} project(s). Have them given to somebody else, or erased, first.`
              : "An installation needs its administrator; nobody can erase themselves.",
            { projectIds: owned },
          );
        }
        await endEverythingOf(params.id);
        await catalogue.erasePerson(params.id, caller.principal.id);
        access.forget();
        rooms.revoke(params.id, "all", closeCodes.noRight);
      },
    }),
    route({
      method: "get",
      path: "/tokens",
      summary: "One's own API tokens, without their secrets.",
      needs: "person",
      answer: z.object({ tokens: z.array(shapes.apiToken) }),
      handle: async ({ caller }) => ({
        tokens: (await catalogue.tokensOf(caller.principal.id)).map(shownToken),
      }),
    }),
    route({
      method: "post",
      path: "/tokens",
      summary: "A new API token: its secret is in this answer and nowhere else.",
      needs: "person",
      body: shapes.newToken,
      status: 201,
      answer: shapes.apiTokenWithSecret,
      async handle({ body, caller }) {
        if (body.projectId !== null) await access.require(caller, body.projectId, "see");
        const secret = newSecret();
        const id = newId();
        const expiresAtMs = body.expiresInDays === null ? null : Date.now() + body.expiresInDays * 86_400_000;
        await catalogue.addToken({
          ...{ id, hash: hashSecret(secret), principalId: caller.principal.id, name: plainName(body.name) },
          ...{ projectId: body.projectId, role: body.role, expiresAtMs },
        });
        const token = (await catalogue.token(hashSecret(secret)))!;
        return { ...shownToken(token), token: secret };
      },
    }),
    route({
      method: "delete",
      path: "/tokens/:id",
      summary: "Revoke one of one's own API tokens.",
      needs: "person",
      params: byId,
      async handle({ params, caller }) {
        if (!(await sessions.revokeToken(params.id, caller.principal.id))) throw notFound();
      },
    }),
  ];
}
