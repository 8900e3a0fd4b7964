import { z } from "zod";
import * as shapes from "#core/protocol/api/shapes.ts";
import { notFound } from "#server/access/access.ts";
import { AccessError } from "#server/access/access-error.ts";
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
export function createPeopleRoutes({ access, sessions, publicUrl }: AppPorts): readonly Route[] {
  const { catalogue } = access;
  const signInLinkFor = async (principalId: string) => {
    const secret = newSecret();
    await catalogue.addSignInLink(hashSecret(secret), principalId, Date.now() + linkLifetimeMs);
    return signInAddress(publicUrl(), secret);
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
        if (await catalogue.personByName(name)) {
          throw new AccessError(
            "name-taken",
            `There is somebody called "${name}" already. Choose a name that tells them apart.`,
          );
        }
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
        const principal = await catalogue.principal(params.id);
        if (principal?.kind !== "person") throw notFound();
        return { principal: shownPrincipal(principal), url: await signInLinkFor(principal.id) };
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
