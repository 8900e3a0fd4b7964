import { readableName } from "#core/protocol/readable-name.ts";
import { type Role, roles } from "#core/protocol/roles.ts";
import type { InvitationRecord, ProjectRecord } from "#server/storage/catalogue.ts";
import type { Access, Caller } from "./access.ts";
import { AccessError } from "./access-error.ts";
import { hashSecret, newId, newSecret } from "./secrets.ts";
import { openSession } from "./sign-in.ts";

/** Roles above this one decide and manage, which needs somebody who has signed in by themselves. */
const strongestGuestRole: Role = "annotator";

const weaker = (a: Role, b: Role) => (roles.indexOf(a) < roles.indexOf(b) ? a : b);

export interface NewInvitation {
  readonly projectId: string;
  readonly role: Role;
  readonly expiresInDays: number;
  readonly maxUses: number | null;
  readonly waitingRoom: boolean;
  readonly path?: string | undefined;
}

/** Ways in for people without an account: a link with a role, an end, a count and a waiting room. */
export class Invitations {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  async create(
    caller: Caller,
    wanted: NewInvitation,
  ): Promise<{ invitation: InvitationRecord; secret: string }> {
    const secret = newSecret();
    const invitation = await this.#access.catalogue.addInvitation({
      id: newId(),
      hash: hashSecret(secret),
      projectId: wanted.projectId,
      role: wanted.role,
      createdById: caller.principal.id,
      expiresAt: new Date(Date.now() + wanted.expiresInDays * 86_400_000).toISOString(),
      maxUses: wanted.maxUses,
      waitingRoom: wanted.waitingRoom,
      path: wanted.path ?? `/projects/${wanted.projectId}`,
    });
    return { invitation, secret };
  }

  /** @throws AccessError "invitation-spent" where it is unknown, revoked, too old or used up: one sentence for all */
  async open(secret: string): Promise<{ invitation: InvitationRecord; project: ProjectRecord }> {
    const invitation = await this.#access.catalogue.invitation(hashSecret(secret));
    const project = invitation && (await this.#access.catalogue.project(invitation.projectId));
    const usable =
      invitation &&
      !invitation.revoked &&
      Date.parse(invitation.expiresAt) > Date.now() &&
      (invitation.maxUses === null || invitation.uses < invitation.maxUses);
    if (!usable || !project) throw spent();
    return { invitation, project };
  }

  /**
   * Goes through the door: a signed-in person joins at once, anybody else becomes a guest, who waits where the link has
   * a waiting room. A guest who comes back by the same browser keeps their identity and takes no second place.
   * @returns the secret of a new session where one had to be opened
   */
  async accept(
    caller: Caller | undefined,
    secret: string,
    name: string,
  ): Promise<{ state: "in" | "waiting"; path: string; session: string | undefined }> {
    const { catalogue } = this.#access;
    const known = await catalogue.invitation(hashSecret(secret));
    const held = caller && known && (await catalogue.membership(known.projectId, caller.principal.id));
    if (
      known &&
      held &&
      held.state !== "refused" &&
      (held.state === "waiting" || !isStronger(known.role, held.role, caller))
    ) {
      return { state: held.state, path: known.path, session: undefined };
    }
    const { invitation } = await this.open(secret);
    if (held?.state === "refused")
      throw new AccessError("invitation-spent", "A member of this project has not let you in.");

    const isPerson = caller?.principal.kind === "person";
    const guestId = caller?.principal.id ?? newId();
    if (!(await catalogue.takePlace(invitation.id, guestId))) throw spent();
    if (!caller) {
      await catalogue.addPrincipal({
        id: guestId,
        kind: "guest",
        name: plainName(name),
        hostId: invitation.createdBy.id,
        invitationId: invitation.id,
      });
    }
    const state = invitation.waitingRoom && !isPerson && held?.state !== "in" ? "waiting" : "in";
    await catalogue.putMembership({
      projectId: invitation.projectId,
      principalId: guestId,
      role: isPerson ? invitation.role : weaker(invitation.role, strongestGuestRole),
      mayDownloadOriginals: held?.mayDownloadOriginals ?? false,
      state,
      invitationId: invitation.id,
    });
    const session = caller ? undefined : await openSession(catalogue, guestId);
    this.#access.forget();
    return { state, path: invitation.path, session };
  }
}

function isStronger(offered: Role, held: Role, caller: Caller): boolean {
  const effective = caller.principal.kind === "guest" ? weaker(offered, strongestGuestRole) : offered;
  return roles.indexOf(effective) > roles.indexOf(held);
}

/** A name as it may stand on a screen: no control characters or direction overrides, which could imitate another's. */
export function plainName(name: string): string {
  return readableName(name) || "Guest";
}

function spent(): AccessError {
  return new AccessError(
    "invitation-spent",
    "This invitation does not open any more: it was revoked, has ended or is used up. Ask for a new one.",
  );
}
