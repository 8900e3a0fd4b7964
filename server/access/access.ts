import type { IncomingMessage } from "node:http";
import { type Right, type Role, rights, roleAllows, roles } from "#core/protocol/roles.ts";
import type { Catalogue, PrincipalRecord } from "#server/storage/catalogue.ts";
import { AccessError } from "./access-error.ts";
import { hashSecret } from "./secrets.ts";
import { readSessionCookie } from "./session-cookie.ts";

/** Who asks, and by what. */
export interface Caller {
  readonly principal: PrincipalRecord;
  /** A cookie can be sent by a foreign page, a token or ticket cannot. */
  readonly via: "cookie" | "token" | "ticket";
  readonly sessionHash: string | null;
  /** Hash of the session's or token's secret: sockets opened by it end with it. */
  readonly credential: string;
  /** Limits of a token: one project, at most one role. Null = everything its owner may do. */
  readonly scope: { readonly projectId: string | null; readonly role: Role | null } | null;
}

/** What somebody may do in a project. */
export interface Standing {
  readonly role: Role;
  readonly mayDownloadOriginals: boolean;
  readonly rights: ReadonlySet<Right>;
}

/** Deciding, downloading originals and managing need somebody who has signed in by themselves. */
const neverForGuests: ReadonlySet<Right> = new Set(["decide", "download-originals", "manage"]);

/** A change of rights is noticed within this time even where another process made it. */
const memoryMs = 1_000;
const memoryLimit = 20_000;

function remembered<T>(ask: (key: string) => Promise<T>) {
  const memory = new Map<string, { readonly until: number; readonly answer: Promise<T> }>();
  return {
    get(key: string): Promise<T> {
      const known = memory.get(key);
      if (known && known.until > Date.now()) return known.answer;
      if (memory.size >= memoryLimit) memory.clear();
      const answer = ask(key);
      memory.set(key, { until: Date.now() + memoryMs, answer });
      answer.catch(() => memory.delete(key));
      return answer;
    },
    clear: () => memory.clear(),
  };
}

/** The one place that says who somebody is and what they may do. */
export class Access {
  readonly catalogue: Catalogue;
  readonly #sessions;
  readonly #tokens;
  readonly #standings;

  constructor(catalogue: Catalogue) {
    this.catalogue = catalogue;
    this.#sessions = remembered((hash) => catalogue.session(hash));
    this.#tokens = remembered((hash) => catalogue.token(hash));
    this.#standings = remembered((key) => {
      const [projectId, principalId] = key.split(" ");
      return catalogue.roleIn(projectId!, principalId!);
    });
  }

  /** Call after every change of sessions, tokens or memberships: the next question is asked anew. */
  forget(): void {
    this.#sessions.clear();
    this.#tokens.clear();
    this.#standings.clear();
  }

  /** Who sends this request: by token where one is given, else by cookie. An unknown or old token is nobody. */
  async identify(request: IncomingMessage): Promise<Caller | undefined> {
    const bearer = /^Bearer\s+(\S+)\s*$/i.exec(request.headers.authorization ?? "")?.[1];
    if (bearer !== undefined) {
      const hash = hashSecret(bearer);
      const token = await this.#tokens.get(hash);
      if (!token || (token.expiresAtMs !== null && token.expiresAtMs <= Date.now())) return undefined;
      const limited = token.projectId !== null || token.role !== null;
      const scope = limited ? { projectId: token.projectId, role: token.role } : null;
      return { principal: token.principal, via: "token", sessionHash: null, credential: hash, scope };
    }
    const secret = readSessionCookie(request);
    if (secret === undefined) return undefined;
    const sessionHash = hashSecret(secret);
    const session = await this.#sessions.get(sessionHash);
    if (!session || session.expiresAtMs <= Date.now()) return undefined;
    return { principal: session.principal, via: "cookie", sessionHash, credential: sessionHash, scope: null };
  }

  /** Whether the session or token with this hash still proves anything. */
  async isLive(credential: string): Promise<boolean> {
    const found = (await this.#sessions.get(credential)) ?? (await this.#tokens.get(credential));
    return found !== undefined && (found.expiresAtMs === null || found.expiresAtMs > Date.now());
  }

  /** What the caller may do in a project; undefined where, to them, there is no such project. */
  async standing(caller: Caller, projectId: string): Promise<Standing | undefined> {
    if (caller.scope?.projectId != null && caller.scope.projectId !== projectId) return undefined;
    const held = await this.#standings.get(`${projectId} ${caller.principal.id}`);
    if (!held) return undefined;
    return narrow(held.role, held.mayDownloadOriginals, caller);
  }

  /**
   * @throws AccessError "signed-out"; "not-found" where the caller is not in the project (it is invisible to them);
   *   "no-right" where they are, in a role that does not allow this
   */
  async require(caller: Caller | undefined, projectId: string | undefined, right: Right): Promise<Standing> {
    if (!caller) throw signedOut();
    const standing = projectId === undefined ? undefined : await this.standing(caller, projectId);
    if (!standing) throw notFound();
    if (!standing.rights.has(right)) {
      throw new AccessError(
        "no-right",
        `This needs the right to ${right}, which a ${caller.principal.kind === "guest" ? "guest" : standing.role} does not have here. Ask an owner of the project.`,
        { right, role: standing.role },
      );
    }
    return standing;
  }
}

function narrow(held: Role, download: boolean, caller: Caller): Standing {
  const atMost = caller.scope?.role;
  const role = atMost && roles.indexOf(atMost) < roles.indexOf(held) ? atMost : held;
  const mayDownload = download && (role === held || roleAllows(role, "download-originals"));
  const allowed = rights.filter(
    (right) =>
      roleAllows(role, right, mayDownload) &&
      !(caller.principal.kind === "guest" && neverForGuests.has(right)),
  );
  return { role, mayDownloadOriginals: allowed.includes("download-originals"), rights: new Set(allowed) };
}

export function signedOut(): AccessError {
  return new AccessError(
    "signed-out",
    "Nobody is signed in here. Sign in, or send `Authorization: Bearer TOKEN`.",
  );
}

/** One sentence for "is not there" and "is not for you": the answer must not tell them apart. */
export function notFound(): AccessError {
  return new AccessError(
    "not-found",
    "There is nothing here that you can see. Check the address, or ask whoever sent it.",
  );
}
