import * as oidc from "openid-client";
import type { Catalogue, PrincipalRecord } from "#server/storage/catalogue.ts";
import type { Caller } from "./access.ts";
import { AccessError } from "./access-error.ts";
import { isLoopbackName } from "./connection.ts";
import { plainName } from "./invitations.ts";
import { hashSecret, newId, newSecret } from "./secrets.ts";

/** Sign-in by an institute's OpenID Connect provider, as set by the administrator. */
export interface OpenIdSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** On the button: "Sign in with …". */
  readonly name: string;
  /** False: only people who have an account, linked by having signed in here before, or guests who are in. */
  readonly newAccounts: boolean;
}

const attemptMs = 10 * 60_000;
const attemptLimit = 10_000;

interface Attempt {
  readonly codeVerifier: string;
  readonly nonce: string;
  readonly path: string;
  readonly until: number;
}

export interface Begun {
  /** Where the browser goes. */
  readonly address: URL;
  /** Kept in a cookie of this browser: only the one that began may finish. */
  readonly browserSecret: string;
}

/** Authorization code flow with PKCE, state and nonce; the state is bound to the browser that began. */
export class InstituteSignIn {
  readonly settings: OpenIdSettings;
  readonly #catalogue: Catalogue;
  readonly #redirectUri: () => string;
  readonly #attempts = new Map<string, Attempt>();
  #provider: Promise<oidc.Configuration> | undefined;

  /** @param redirectUri address of the call-back, known once the server listens */
  constructor(settings: OpenIdSettings, catalogue: Catalogue, redirectUri: () => string) {
    this.settings = settings;
    this.#catalogue = catalogue;
    this.#redirectUri = redirectUri;
  }

  /** @throws AccessError "busy" where the provider cannot be reached */
  async begin(path: string): Promise<Begun> {
    const provider = await this.#reach();
    const browserSecret = newSecret();
    const codeVerifier = oidc.randomPKCECodeVerifier();
    const nonce = oidc.randomNonce();
    this.#dropOld();
    this.#attempts.set(hashSecret(browserSecret), {
      ...{ codeVerifier, nonce, path: localPath(path), until: Date.now() + attemptMs },
    });
    const address = oidc.buildAuthorizationUrl(provider, {
      redirect_uri: this.#redirectUri(),
      scope: "openid profile email",
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: "S256",
      state: stateOf(browserSecret),
      nonce,
    });
    return { address, browserSecret };
  }

  /**
   * @param answer query of the call-back
   * @param caller who is signed in in this browser: a guest becomes an account under the same identity
   * @throws AccessError "institute-refused"
   */
  async finish(
    answer: URLSearchParams,
    browserSecret: string | undefined,
    caller: Caller | undefined,
  ): Promise<{ readonly principalId: string; readonly path: string }> {
    const key = hashSecret(browserSecret ?? "");
    const attempt = this.#attempts.get(key);
    this.#attempts.delete(key);
    if (browserSecret === undefined || !attempt || attempt.until < Date.now()) {
      throw refused("This sign-in was begun in another browser or too long ago. Begin it again.");
    }
    const address = new URL(this.#redirectUri());
    address.search = answer.toString();
    const provider = await this.#reach();
    const tokens = await oidc
      .authorizationCodeGrant(provider, address, {
        pkceCodeVerifier: attempt.codeVerifier,
        expectedState: stateOf(browserSecret),
        expectedNonce: attempt.nonce,
        idTokenExpected: true,
      })
      .catch((cause: unknown) => {
        throw refused(`${this.settings.name} did not confirm who you are (${reasonOf(cause)}). Begin again.`);
      });
    const claims = tokens.claims()!;
    // Many providers put names at the userinfo endpoint only.
    const name =
      nameIn(claims) ??
      nameIn(await oidc.fetchUserInfo(provider, tokens.access_token, claims.sub).catch(() => ({})));
    const person = await this.#personOf(claims.iss, claims.sub, name ?? "Somebody", caller);
    return { principalId: person.id, path: attempt.path };
  }

  /** By issuer and subject, never by name or address: those can be given to somebody else. */
  async #personOf(
    issuer: string,
    subject: string,
    name: string,
    caller: Caller | undefined,
  ): Promise<PrincipalRecord> {
    const known = await this.#catalogue.personByIdentity(issuer, subject);
    if (known) return known;
    const guest =
      caller?.via === "cookie" && caller.principal.kind === "guest" ? caller.principal : undefined;
    if (!guest && !this.settings.newAccounts) {
      throw refused(
        "You have no account here yet. Ask the administrator, or come in by an invitation first.",
      );
    }
    const id = guest?.id ?? newId();
    const free = await this.#freeName(plainName(name).slice(0, 80));
    if (guest) await this.#catalogue.makePerson(id, free);
    else await this.#catalogue.addPrincipal({ id, kind: "person", name: free });
    await this.#catalogue.addIdentity(issuer, subject, id);
    return (await this.#catalogue.principal(id))!;
  }

  async #freeName(name: string): Promise<string> {
    for (let n = 1; ; n++) {
      const tried = n === 1 ? name : `${name} (${n})`;
      if (!(await this.#catalogue.personByName(tried))) return tried;
    }
  }

  /** Asked for at the first sign-in, not at the start: a provider that is down keeps nobody else out. */
  #reach(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret, name } = this.settings;
    const url = new URL(issuer);
    // Plain HTTP only to this very computer: anywhere else the answer could be anybody's.
    const execute = url.protocol === "http:" && isLoopbackName(url.host) ? [oidc.allowInsecureRequests] : [];
    this.#provider ??= oidc
      .discovery(url, clientId, clientSecret, undefined, { execute })
      .catch((cause: unknown) => {
        this.#provider = undefined;
        throw new AccessError(
          "busy",
          `${name} cannot be reached now (${reasonOf(cause)}). Sign in by name and password, or try again later.`,
        );
      });
    return this.#provider;
  }

  #dropOld(): void {
    const now = Date.now();
    for (const [key, { until }] of this.#attempts) {
      if (until > now && this.#attempts.size < attemptLimit) break; // oldest first: all others are younger
      this.#attempts.delete(key);
    }
  }
}

function nameIn(claims: Readonly<Record<string, unknown>>): string | undefined {
  return [claims["name"], claims["preferred_username"], claims["email"]].find(
    (one): one is string => typeof one === "string" && one.trim() !== "",
  );
}

/** What the provider carries through tells nobody the cookie's secret. */
const stateOf = (browserSecret: string) => hashSecret(`state ${browserSecret}`);

/** A path of this server, or the front page: nobody is sent elsewhere by a crafted link. */
function localPath(path: string): string {
  const base = "http://here.invalid";
  if (!/^\/(?![/\\])/.test(path) || !URL.canParse(path, base)) return "/";
  const url = new URL(path, base);
  return url.origin === base ? `${url.pathname}${url.search}` : "/";
}

function refused(sentence: string): AccessError {
  return new AccessError("institute-refused", sentence);
}

/** The code a protocol error carries; nothing of what the provider wrote besides. */
function reasonOf(cause: unknown): string {
  const { code, error } = (cause ?? {}) as { code?: unknown; error?: unknown };
  return String(error ?? code ?? "no reason given").slice(0, 60);
}
