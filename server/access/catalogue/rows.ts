import type { Role } from "#core/protocol/roles.ts";
import type { MembershipState, PrincipalKind, PrincipalRecord } from "#server/storage/catalogue.ts";

export interface PrincipalRow {
  readonly id: string;
  readonly kind: PrincipalKind;
  readonly name: string;
  readonly colour: string;
  readonly administrator: number;
  readonly host_name: string | null;
}

/** Columns of a principal `p` with its host `h`: a guest is never shown without the person who answers for them. */
export const principalColumns = "p.id, p.kind, p.name, p.colour, p.administrator, h.name AS host_name";
export const hostJoin = "LEFT JOIN principal h ON h.id = p.host_id";

export function toPrincipal(row: PrincipalRow): PrincipalRecord {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    displayName: row.kind === "guest" ? `${row.name} (guest of ${row.host_name ?? "nobody"})` : row.name,
    colour: row.colour,
    administrator: Number(row.administrator) === 1,
  };
}

/** `?` twice: the principal. Memberships `m` of a person include those of the groups they are in. */
export const ownOrGroup =
  "(m.principal_id = ? OR m.principal_id IN (SELECT group_id FROM group_member WHERE principal_id = ?))";

export interface MembershipRow extends PrincipalRow {
  readonly project_id: string;
  readonly role: Role;
  readonly may_download: number;
  readonly state: MembershipState;
  readonly since: string;
}

export interface ProjectRow {
  readonly id: string;
  readonly name: string;
  readonly owner_id: string;
  readonly demo: number;
  readonly created_at: string;
}

export interface InvitationRow extends PrincipalRow {
  readonly invitation: string;
  readonly project_id: string;
  readonly role: Role;
  readonly expires_at: string;
  readonly max_uses: number | null;
  readonly uses: number;
  readonly waiting_room: number;
  readonly path: string;
  readonly revoked_at: string | null;
}

export interface TokenRow extends PrincipalRow {
  readonly token: string;
  readonly token_name: string;
  readonly project_id: string | null;
  readonly role: Role | null;
  readonly created_at: string;
  readonly expires_at_ms: number | null;
}
