import type { Role } from "#core/protocol/roles.ts";

export type PrincipalKind = "person" | "guest" | "group";

/** Somebody who can hold a role. A guest is an identity of its own kind, never a person. */
export interface PrincipalRecord {
  readonly id: string;
  readonly kind: PrincipalKind;
  /** As typed; `displayName` adds the host of a guest. */
  readonly name: string;
  readonly displayName: string;
  readonly colour: string;
  readonly administrator: boolean;
}

export interface SessionRecord {
  readonly principal: PrincipalRecord;
  readonly expiresAtMs: number;
}

/** One of somebody's sessions, as its owner sees it. */
export interface OpenSessionRecord {
  readonly hash: string;
  readonly createdAt: string;
  readonly expiresAtMs: number;
}

/** A token's reach: everything its owner may do, or one project with at most one role. */
export interface TokenRecord {
  readonly id: string;
  readonly name: string;
  readonly principal: PrincipalRecord;
  readonly projectId: string | null;
  readonly role: Role | null;
  readonly createdAt: string;
  readonly expiresAtMs: number | null;
}

export interface ProjectRecord {
  readonly id: string;
  readonly name: string;
  /** The person or group the project belongs to. */
  readonly ownerId: string;
  readonly demo: boolean;
  readonly createdAt: string;
}

/** A principal of kind "group", and who is in it. */
export interface GroupRecord {
  readonly principal: PrincipalRecord;
  readonly members: readonly PrincipalRecord[];
}

export type MembershipState = "in" | "waiting" | "refused";

export interface MembershipRecord {
  readonly projectId: string;
  readonly principal: PrincipalRecord;
  readonly role: Role;
  readonly mayDownloadOriginals: boolean;
  readonly state: MembershipState;
  readonly since: string;
}

/** Reading for a while without being a member, for a reason that every member reads. */
export interface VisitRecord {
  readonly projectId: string;
  readonly principalId: string;
  readonly reason: string;
  readonly untilMs: number;
}

export interface InvitationRecord {
  readonly id: string;
  readonly projectId: string;
  readonly role: Role;
  readonly createdBy: PrincipalRecord;
  readonly expiresAt: string;
  readonly maxUses: number | null;
  readonly uses: number;
  readonly waitingRoom: boolean;
  readonly revoked: boolean;
  readonly path: string;
}

/**
 * Who there is, what they may reach, and the hashed secrets by which they prove it. Secrets come in hashed; a driver
 * never sees one. What must happen once (a link, a place on an invitation) is decided by the store, not by its callers,
 * so that two processes cannot both say yes.
 */
export interface Catalogue {
  isEmpty(): Promise<boolean>;

  addPrincipal(principal: {
    readonly id: string;
    readonly kind: PrincipalKind;
    readonly name: string;
    readonly administrator?: boolean;
    readonly hostId?: string;
    readonly invitationId?: string;
  }): Promise<PrincipalRecord>;
  principal(id: string): Promise<PrincipalRecord | undefined>;
  people(): Promise<readonly PrincipalRecord[]>;
  renamePrincipal(id: string, name: string): Promise<void>;
  administrator(): Promise<PrincipalRecord | undefined>;
  personByName(name: string): Promise<{ principal: PrincipalRecord; password: string | null } | undefined>;
  setPassword(principalId: string, password: string): Promise<void>;
  guests(): Promise<readonly PrincipalRecord[]>;
  /** A guest becomes a person under the same id: what they did stays theirs. */
  makePerson(guestId: string, name: string): Promise<void>;
  /** Removes the name and every way in; the id stays, so that marks keep an author. */
  erasePerson(id: string, erasedById: string): Promise<void>;
  /** Projects that would be without an owner if this person went. */
  solelyOwned(principalId: string): Promise<readonly string[]>;
  /** Every group that has not been dissolved, by name. */
  groups(): Promise<readonly GroupRecord[]>;
  addGroupMember(groupId: string, personId: string): Promise<void>;
  removeGroupMember(groupId: string, personId: string): Promise<void>;
  /** The group leaves every project and has nobody in it; its name stays for what names it. */
  eraseGroup(groupId: string): Promise<void>;
  /** Whose sockets a change of this principal's rights concerns: itself and, of a group, everybody in it. */
  peopleBehind(principalId: string): Promise<readonly string[]>;
  personByIdentity(issuer: string, subject: string): Promise<PrincipalRecord | undefined>;
  /** @throws StorageError where somebody else has this identity */
  addIdentity(issuer: string, subject: string, principalId: string): Promise<void>;

  addSession(hash: string, principalId: string, expiresAtMs: number): Promise<void>;
  session(hash: string): Promise<SessionRecord | undefined>;
  endSession(hash: string): Promise<void>;
  sessionsOf(principalId: string): Promise<readonly OpenSessionRecord[]>;

  addSignInLink(hash: string, principalId: string, expiresAtMs: number): Promise<void>;
  /** @returns whom the link signs in, once; undefined where it is unknown, used or too old */
  spendSignInLink(hash: string, nowMs: number): Promise<string | undefined>;

  addToken(token: {
    readonly id: string;
    readonly hash: string;
    readonly principalId: string;
    readonly name: string;
    readonly projectId: string | null;
    readonly role: Role | null;
    readonly expiresAtMs: number | null;
  }): Promise<void>;
  token(hash: string): Promise<TokenRecord | undefined>;
  tokensOf(principalId: string): Promise<readonly TokenRecord[]>;
  /** @returns the hash of the revoked token; undefined where this person has no such token */
  revokeToken(id: string, principalId: string): Promise<string | undefined>;

  addProject(project: {
    readonly id: string;
    readonly name: string;
    readonly ownerId: string;
    readonly demo: boolean;
  }): Promise<ProjectRecord>;
  /** Projects in the bin are not found. */
  project(id: string): Promise<ProjectRecord | undefined>;
  projectsOf(
    principalId: string,
  ): Promise<readonly (ProjectRecord & { readonly role: Role; readonly mayDownloadOriginals: boolean })[]>;
  renameProject(id: string, name: string): Promise<void>;
  demoProject(): Promise<ProjectRecord | undefined>;
  /** Into the bin, with who did it. */
  binProject(id: string, principalId: string): Promise<void>;

  /** The strongest role somebody holds in a project, by themselves or by a group; only of state "in". */
  roleIn(
    projectId: string,
    principalId: string,
  ): Promise<{ readonly role: Role; readonly mayDownloadOriginals: boolean } | undefined>;
  membership(projectId: string, principalId: string): Promise<MembershipRecord | undefined>;
  members(projectId: string, state: MembershipState): Promise<readonly MembershipRecord[]>;
  /** Projects at whose door somebody stands or stood in vain. */
  doorsOf(
    principalId: string,
  ): Promise<
    readonly { readonly projectId: string; readonly projectName: string; readonly state: MembershipState }[]
  >;
  putMembership(membership: {
    readonly projectId: string;
    readonly principalId: string;
    readonly role: Role;
    readonly mayDownloadOriginals?: boolean;
    readonly state: MembershipState;
    readonly invitationId?: string;
  }): Promise<void>;
  /** @returns false where this is the last owner, who stays */
  removeMembership(projectId: string, principalId: string): Promise<boolean>;
  /** The project belongs to somebody else, who owns it from now on; the one before stays in this role, or not at all. */
  transferProject(projectId: string, fromId: string, toId: string, stayAs: Role | null): Promise<void>;
  /** Lets somebody who is no member read until then. */
  putVisit(visit: VisitRecord): Promise<void>;
  /** By which somebody who is no member reads the project now. */
  visit(projectId: string, principalId: string): Promise<VisitRecord | undefined>;
  /** Those that have not ended. */
  visits(): Promise<readonly VisitRecord[]>;
  endVisit(projectId: string, principalId: string): Promise<void>;

  addInvitation(invitation: {
    readonly id: string;
    readonly hash: string;
    readonly projectId: string;
    readonly role: Role;
    readonly createdById: string;
    readonly expiresAt: string;
    readonly maxUses: number | null;
    readonly waitingRoom: boolean;
    readonly path: string;
  }): Promise<InvitationRecord>;
  invitation(hash: string): Promise<InvitationRecord | undefined>;
  invitationsOf(projectId: string): Promise<readonly InvitationRecord[]>;
  /** Takes one place on the invitation. @returns false where none is left */
  takePlace(invitationId: string, principalId: string): Promise<boolean>;
  revokeInvitation(projectId: string, invitationId: string): Promise<boolean>;
  /** Takes everybody out who came in by this link as a guest. @returns who they were */
  removeGuestsOf(projectId: string, invitationId: string): Promise<readonly string[]>;
}
