import type { Catalogue, PrincipalRecord } from "#server/storage/catalogue.ts";
import { AccessError } from "./access-error.ts";
import { spendAdministratorLink } from "./administrator-link.ts";
import { verifyPassword } from "./passwords.ts";
import { hashSecret, newId, newSecret } from "./secrets.ts";
import { sessionLifetimeMs } from "./session-cookie.ts";

/** The administrator of an installation: made with the store, before anybody can sign in. */
export async function ensureAdministrator(catalogue: Catalogue): Promise<PrincipalRecord> {
  return (
    (await catalogue.administrator()) ??
    (await catalogue.addPrincipal({
      id: newId(),
      kind: "person",
      name: "Administrator",
      administrator: true,
    }))
  );
}

/** @returns the new session's secret, for the cookie */
export async function openSession(catalogue: Catalogue, principalId: string): Promise<string> {
  const secret = newSecret();
  await catalogue.addSession(hashSecret(secret), principalId, Date.now() + sessionLifetimeMs);
  return secret;
}

/**
 * Who a one-time link signs in: the administrator's, or one made for a person.
 * @throws AccessError "link-spent" where it is unknown, used or too old
 */
export async function principalOfLink(
  catalogue: Catalogue,
  dataDir: string,
  secret: string,
): Promise<string> {
  if (await spendAdministratorLink(dataDir, secret)) return (await ensureAdministrator(catalogue)).id;
  const principalId = await catalogue.spendSignInLink(hashSecret(secret), Date.now());
  if (principalId === undefined) {
    throw new AccessError(
      "link-spent",
      "This sign-in link was used already or is too old. A new one is made with `npm run -s lamella -- admin-link` on the server, or by your administrator.",
    );
  }
  return principalId;
}

/** @throws AccessError "wrong-password", the same for an unknown name, a wrong password and a person without one */
export async function principalOfPassword(
  catalogue: Catalogue,
  name: string,
  password: string,
): Promise<string> {
  const person = await catalogue.personByName(name.trim());
  const right = await verifyPassword(password, person?.password ?? null);
  if (!person || !right) {
    throw new AccessError(
      "wrong-password",
      "Name and password do not fit together. Try again, or ask for a sign-in link.",
    );
  }
  return person.principal.id;
}
