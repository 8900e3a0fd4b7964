import { type Role, roles } from "#core/protocol/roles.ts";
import type { Sql } from "#server/jobs/sql.ts";
import type {
  Catalogue,
  InvitationRecord,
  MembershipRecord,
  ProjectRecord,
} from "#server/storage/catalogue.ts";
import type { Groups } from "./groups-table.ts";
import type { People } from "./people-table.ts";
import {
  hostJoin,
  type InvitationRow,
  type MembershipRow,
  ownOrGroup,
  type ProjectRow,
  principalColumns,
  toPrincipal,
} from "./rows.ts";
import type { Visits } from "./visits-table.ts";

type Projects = Omit<Catalogue, keyof People | keyof Groups | keyof Visits>;

const now = () => new Date().toISOString();

function toProject(row: ProjectRow): ProjectRecord {
  return {
    id: row.id,
    name: row.name,
    ownerId: row.owner_id,
    demo: Number(row.demo) === 1,
    createdAt: row.created_at,
  };
}

function toMembership(row: MembershipRow): MembershipRecord {
  return {
    projectId: row.project_id,
    principal: toPrincipal(row),
    role: row.role,
    mayDownloadOriginals: Number(row.may_download) === 1,
    state: row.state,
    since: row.since,
  };
}

function toInvitation(row: InvitationRow): InvitationRecord {
  return {
    id: row.invitation,
    projectId: row.project_id,
    role: row.role,
    createdBy: toPrincipal(row),
    expiresAt: row.expires_at,
    maxUses: row.max_uses === null ? null : Number(row.max_uses),
    uses: Number(row.uses),
    waitingRoom: Number(row.waiting_room) === 1,
    revoked: row.revoked_at !== null,
    path: row.path,
  };
}

/** The stronger of what somebody holds alone and through groups. */
function strongest(rows: readonly { readonly role: Role; readonly may_download: number }[]) {
  if (rows.length === 0) return undefined;
  const rank = Math.max(...rows.map((row) => roles.indexOf(row.role)));
  return {
    role: roles[rank]!,
    mayDownloadOriginals: rows.some((row) => Number(row.may_download) === 1),
  };
}

/** Projects, who is in them, and the invitations that lead there. */
export function createProjectsTable(sql: Sql): Projects {
  const projectWhere = async (where: string, params: readonly string[]) => {
    const row = (
      await sql.read<ProjectRow>(
        `SELECT id, name, owner_id, demo, created_at FROM project WHERE deleted_at IS NULL AND ${where}`,
        params,
      )
    )[0];
    return row && toProject(row);
  };
  const selectMembers = (where: string, params: readonly string[]) =>
    sql.read<MembershipRow>(
      `SELECT ${principalColumns}, m.project_id, m.role, m.may_download, m.state, m.since
       FROM membership m JOIN principal p ON p.id = m.principal_id ${hostJoin} WHERE ${where} ORDER BY m.since, p.id`,
      params,
    );
  const selectInvitations = (where: string, params: readonly string[]) =>
    sql.read<InvitationRow>(
      `SELECT ${principalColumns}, i.id AS invitation, i.project_id, i.role, i.expires_at, i.max_uses, i.waiting_room,
              i.path, i.revoked_at, (SELECT count(*) FROM invitation_use u WHERE u.invitation_id = i.id) AS uses
       FROM invitation i JOIN principal p ON p.id = i.created_by ${hostJoin} WHERE ${where} ORDER BY i.created_at`,
      params,
    );

  return {
    async addProject(project) {
      await sql.write([
        {
          sql: "INSERT INTO project (id, name, owner_id, demo, created_at) VALUES (?, ?, ?, ?, ?)",
          params: [project.id, project.name, project.ownerId, project.demo ? 1 : 0, now()],
        },
        {
          sql: `INSERT INTO membership (project_id, principal_id, role, may_download, state, since)
                VALUES (?, ?, 'owner', 1, 'in', ?)`,
          params: [project.id, project.ownerId, now()],
        },
      ]);
      return (await projectWhere("id = ?", [project.id]))!;
    },
    project: (id) => projectWhere("id = ?", [id]),
    async renameProject(id, name) {
      await sql.write([{ sql: "UPDATE project SET name = ? WHERE id = ?", params: [name, id] }]);
    },
    demoProject: () => projectWhere("demo = 1 ORDER BY created_at LIMIT 1", []),
    async projectsOf(principalId) {
      const rows = await sql.read<ProjectRow & { role: Role; may_download: number }>(
        `SELECT j.id, j.name, j.owner_id, j.demo, j.created_at, m.role, m.may_download
         FROM project j JOIN membership m ON m.project_id = j.id
         WHERE j.deleted_at IS NULL AND m.state = 'in' AND ${ownOrGroup} ORDER BY j.created_at DESC, j.id`,
        [principalId, principalId],
      );
      return [...Map.groupBy(rows, (row) => row.id).values()].map((same) => ({
        ...toProject(same[0]!),
        ...strongest(same)!,
      }));
    },
    async binProject(id, principalId) {
      await sql.write([
        {
          sql: "UPDATE project SET deleted_at = ?, deleted_by = ? WHERE id = ?",
          params: [now(), principalId, id],
        },
      ]);
    },

    async roleIn(projectId, principalId) {
      return strongest(
        await sql.read<{ role: Role; may_download: number }>(
          `SELECT m.role, m.may_download FROM membership m JOIN project j ON j.id = m.project_id
           WHERE m.project_id = ? AND m.state = 'in' AND j.deleted_at IS NULL AND ${ownOrGroup}
           UNION ALL SELECT 'reader', 0 FROM project_visit v JOIN project j ON j.id = v.project_id
           WHERE v.project_id = ? AND v.principal_id = ? AND v.until_ms > ? AND j.deleted_at IS NULL`,
          [projectId, principalId, principalId, projectId, principalId, Date.now()],
        ),
      );
    },
    async membership(projectId, principalId) {
      const row = (
        await selectMembers("m.project_id = ? AND m.principal_id = ?", [projectId, principalId])
      )[0];
      return row && toMembership(row);
    },
    async members(projectId, state) {
      return (await selectMembers("m.project_id = ? AND m.state = ?", [projectId, state])).map(toMembership);
    },
    async doorsOf(principalId) {
      return (
        await sql.read<{ project_id: string; name: string; state: "waiting" | "refused" }>(
          `SELECT m.project_id, j.name, m.state FROM membership m JOIN project j ON j.id = m.project_id
           WHERE m.principal_id = ? AND m.state <> 'in' AND j.deleted_at IS NULL ORDER BY m.since`,
          [principalId],
        )
      ).map((row) => ({ projectId: row.project_id, projectName: row.name, state: row.state }));
    },
    async putMembership(membership) {
      await sql.write([
        {
          sql: `INSERT INTO membership (project_id, principal_id, role, may_download, state, invitation_id, since)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (project_id, principal_id)
                DO UPDATE SET role = excluded.role, may_download = excluded.may_download, state = excluded.state`,
          params: [
            membership.projectId,
            membership.principalId,
            membership.role,
            membership.mayDownloadOriginals ? 1 : 0,
            membership.state,
            membership.invitationId ?? null,
            now(),
          ],
        },
      ]);
    },
    async removeMembership(projectId, principalId) {
      await sql.write([
        {
          // Decided in the statement itself: of two last owners who leave at once, one stays.
          sql: `DELETE FROM membership WHERE project_id = ? AND principal_id = ? AND (role <> 'owner' OR state <> 'in' OR
                EXISTS (SELECT 1 FROM membership o WHERE o.project_id = ? AND o.role = 'owner' AND o.state = 'in'
                        AND o.principal_id <> ?))`,
          params: [projectId, principalId, projectId, principalId],
        },
      ]);
      return (
        (await selectMembers("m.project_id = ? AND m.principal_id = ?", [projectId, principalId])).length ===
        0
      );
    },
    async transferProject(projectId, fromId, toId, stayAs) {
      await sql.write([
        {
          sql: `INSERT INTO membership (project_id, principal_id, role, may_download, state, since)
                VALUES (?, ?, 'owner', 1, 'in', ?)
                ON CONFLICT (project_id, principal_id) DO UPDATE SET role = 'owner', may_download = 1, state = 'in'`,
          params: [projectId, toId, now()],
        },
        {
          sql: "UPDATE project SET owner_id = ? WHERE id = ? AND deleted_at IS NULL",
          params: [toId, projectId],
          mustChange: 1,
        },
        stayAs === null
          ? {
              sql: "DELETE FROM membership WHERE project_id = ? AND principal_id = ?",
              params: [projectId, fromId],
            }
          : {
              sql: "UPDATE membership SET role = ? WHERE project_id = ? AND principal_id = ?",
              params: [stayAs, projectId, fromId],
            },
      ]);
    },
    async removeGuestsOf(projectId, invitationId) {
      const guests = await sql.read<{ principal_id: string }>(
        `SELECT m.principal_id FROM membership m JOIN principal p ON p.id = m.principal_id
         WHERE m.project_id = ? AND p.kind = 'guest' AND m.invitation_id = ?`,
        [projectId, invitationId],
      );
      await sql.write(
        guests.map(({ principal_id }) => ({
          sql: "DELETE FROM membership WHERE project_id = ? AND principal_id = ?",
          params: [projectId, principal_id],
        })),
      );
      return guests.map(({ principal_id }) => principal_id);
    },

    async addInvitation(invitation) {
      await sql.write([
        {
          sql: `INSERT INTO invitation (id, hash, project_id, role, created_by, created_at, expires_at, max_uses, waiting_room, path)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          params: [
            invitation.id,
            invitation.hash,
            invitation.projectId,
            invitation.role,
            invitation.createdById,
            now(),
            invitation.expiresAt,
            invitation.maxUses,
            invitation.waitingRoom ? 1 : 0,
            invitation.path,
          ],
        },
      ]);
      return toInvitation((await selectInvitations("i.id = ?", [invitation.id]))[0]!);
    },
    async invitation(hash) {
      const row = (await selectInvitations("i.hash = ?", [hash]))[0];
      return row && toInvitation(row);
    },
    async invitationsOf(projectId) {
      return (await selectInvitations("i.project_id = ?", [projectId])).map(toInvitation);
    },
    async takePlace(invitationId, principalId) {
      for (;;) {
        const invitation = (await selectInvitations("i.id = ?", [invitationId]))[0];
        if (!invitation || invitation.revoked_at !== null) return false;
        const taken = Number(invitation.uses);
        if (invitation.max_uses !== null && taken >= Number(invitation.max_uses)) return false;
        try {
          // Places are numbered and the number is the key: of two that take the same one, one insert fails.
          await sql.write([
            {
              sql: "INSERT INTO invitation_use (invitation_id, ordinal, principal_id, used_at) VALUES (?, ?, ?, ?)",
              params: [invitationId, taken, principalId, now()],
            },
          ]);
          return true;
        } catch (error) {
          const after = (await selectInvitations("i.id = ?", [invitationId]))[0];
          if (Number(after?.uses ?? 0) === taken) throw error;
        }
      }
    },
    async revokeInvitation(projectId, invitationId) {
      const found = await selectInvitations("i.id = ? AND i.project_id = ?", [invitationId, projectId]);
      if (found.length === 0) return false;
      await sql.write([
        { sql: "UPDATE invitation SET revoked_at = ? WHERE id = ?", params: [now(), invitationId] },
        // Whoever still stands at the door came by this link: it no longer opens.
        {
          sql: "UPDATE membership SET state = 'refused' WHERE invitation_id = ? AND state = 'waiting'",
          params: [invitationId],
        },
      ]);
      return true;
    },
  };
}
