import type { Sql } from "#server/jobs/sql.ts";
import type { Catalogue, GroupRecord } from "#server/storage/catalogue.ts";
import { hostJoin, type PrincipalRow, principalColumns, toPrincipal } from "./rows.ts";

export type Groups = Pick<
  Catalogue,
  "groups" | "addGroupMember" | "removeGroupMember" | "eraseGroup" | "peopleBehind"
>;

/** Groups, and the people they stand for. */
export function createGroupsTable(sql: Sql): Groups {
  return {
    async groups() {
      const groups = await sql.read<PrincipalRow>(
        `SELECT ${principalColumns} FROM principal p ${hostJoin}
         WHERE p.kind = 'group' AND p.left_at IS NULL ORDER BY lower(p.name), p.id`,
      );
      const members = await sql.read<PrincipalRow & { readonly group_id: string }>(
        `SELECT ${principalColumns}, g.group_id FROM group_member g JOIN principal p ON p.id = g.principal_id ${hostJoin}
         ORDER BY lower(p.name), p.id`,
      );
      const byGroup = Map.groupBy(members, ({ group_id }) => group_id);
      return groups.map(
        (row): GroupRecord => ({
          principal: toPrincipal(row),
          members: (byGroup.get(row.id) ?? []).map(toPrincipal),
        }),
      );
    },
    async addGroupMember(groupId, personId) {
      await sql.write([
        {
          sql: "INSERT INTO group_member (group_id, principal_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
          params: [groupId, personId],
        },
      ]);
    },
    async removeGroupMember(groupId, personId) {
      await sql.write([
        {
          sql: "DELETE FROM group_member WHERE group_id = ? AND principal_id = ?",
          params: [groupId, personId],
        },
      ]);
    },
    async eraseGroup(groupId) {
      await sql.write([
        // The row stays: projects and their histories name it.
        {
          sql: "UPDATE principal SET left_at = ? WHERE id = ? AND kind = 'group' AND left_at IS NULL",
          params: [new Date().toISOString(), groupId],
          mustChange: 1,
        },
        { sql: "DELETE FROM membership WHERE principal_id = ?", params: [groupId] },
        { sql: "DELETE FROM group_member WHERE group_id = ?", params: [groupId] },
      ]);
    },
    async peopleBehind(principalId) {
      const rows = await sql.read<{ readonly principal_id: string }>(
        "SELECT principal_id FROM group_member WHERE group_id = ?",
        [principalId],
      );
      return [principalId, ...rows.map((row) => row.principal_id)];
    },
  };
}
