import type { Sql } from "#server/jobs/sql.ts";
import type { Catalogue, TokenRecord } from "#server/storage/catalogue.ts";
import { presenceColour } from "../presence-colour.ts";
import { hostJoin, type PrincipalRow, principalColumns, type TokenRow, toPrincipal } from "./rows.ts";

export type People = Pick<
  Catalogue,
  | "isEmpty"
  | "addPrincipal"
  | "principal"
  | "people"
  | "renamePrincipal"
  | "administrator"
  | "personByName"
  | "setPassword"
  | "guests"
  | "makePerson"
  | "erasePerson"
  | "solelyOwned"
  | "personByIdentity"
  | "addIdentity"
  | "addSession"
  | "session"
  | "endSession"
  | "sessionsOf"
  | "addSignInLink"
  | "spendSignInLink"
  | "addToken"
  | "token"
  | "tokensOf"
  | "revokeToken"
>;

const now = () => new Date().toISOString();

/** Principals and how they prove who they are. */
export function createPeopleTable(sql: Sql): People {
  const select = (where: string, params: readonly (string | number)[]) =>
    sql.read<PrincipalRow & { readonly password: string | null }>(
      `SELECT ${principalColumns}, p.password FROM principal p ${hostJoin} WHERE ${where}`,
      params,
    );
  const one = async (where: string, params: readonly (string | number)[]) => {
    const row = (await select(where, params))[0];
    return row && toPrincipal(row);
  };
  const toToken = (row: TokenRow): TokenRecord => ({
    id: row.token,
    name: row.token_name,
    principal: toPrincipal(row),
    projectId: row.project_id,
    role: row.role,
    createdAt: row.created_at,
    expiresAtMs: row.expires_at_ms === null ? null : Number(row.expires_at_ms),
  });
  const selectTokens = (where: string, params: readonly string[]) =>
    sql.read<TokenRow>(
      `SELECT ${principalColumns}, t.id AS token, t.name AS token_name, t.project_id, t.role, t.created_at, t.expires_at_ms
       FROM api_token t JOIN principal p ON p.id = t.principal_id ${hostJoin} WHERE ${where} ORDER BY t.created_at`,
      params,
    );

  return {
    async isEmpty() {
      return (await sql.read("SELECT id FROM principal LIMIT 1")).length === 0;
    },
    async addPrincipal(principal) {
      const count = Number((await sql.read<{ n: number }>("SELECT count(*) AS n FROM principal"))[0]!.n);
      await sql.write([
        {
          sql: `INSERT INTO principal (id, kind, name, colour, administrator, host_id, invitation_id, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          params: [
            principal.id,
            principal.kind,
            principal.name,
            presenceColour(count),
            principal.administrator ? 1 : 0,
            principal.hostId ?? null,
            principal.invitationId ?? null,
            now(),
          ],
        },
      ]);
      return (await one("p.id = ?", [principal.id]))!;
    },
    principal: (id) => one("p.id = ?", [id]),
    async people() {
      return (await select("p.kind = 'person' AND p.left_at IS NULL ORDER BY p.created_at", [])).map(
        toPrincipal,
      );
    },
    async renamePrincipal(id, name) {
      await sql.write([{ sql: "UPDATE principal SET name = ? WHERE id = ?", params: [name, id] }]);
    },
    administrator: () => one("p.administrator = 1 ORDER BY p.created_at LIMIT 1", []),
    async personByName(name) {
      const row = (await select("p.kind = 'person' AND lower(p.name) = lower(?)", [name]))[0];
      return row && { principal: toPrincipal(row), password: row.password };
    },
    async setPassword(principalId, password) {
      await sql.write([
        { sql: "UPDATE principal SET password = ? WHERE id = ?", params: [password, principalId] },
      ]);
    },

    async guests() {
      return (await select("p.kind = 'guest' ORDER BY p.created_at", [])).map(toPrincipal);
    },
    async makePerson(guestId, name) {
      await sql.write([
        {
          sql: "UPDATE principal SET kind = 'person', name = ? WHERE id = ? AND kind = 'guest'",
          params: [name, guestId],
          mustChange: 1,
        },
      ]);
    },
    async erasePerson(id, erasedById) {
      const secrets = [
        "session",
        "sign_in_link",
        "api_token",
        "external_identity",
        "membership",
        "group_member",
      ];
      await sql.write([
        {
          // The name is unique among people, so the id's beginning stands in it.
          sql: `UPDATE principal SET name = 'Former member ' || substr(id, 1, 6), password = NULL, administrator = 0,
                left_at = ? WHERE id = ? AND left_at IS NULL`,
          params: [now(), id],
          mustChange: 1,
        },
        ...secrets.map((table) => ({ sql: `DELETE FROM ${table} WHERE principal_id = ?`, params: [id] })),
        {
          sql: "INSERT INTO tombstone (kind, id, deleted_by, deleted_at, erased_at) VALUES ('person', ?, ?, ?, ?)",
          params: [id, erasedById, now(), now()],
        },
      ]);
    },
    async solelyOwned(principalId) {
      const rows = await sql.read<{ project_id: string }>(
        `SELECT m.project_id FROM membership m JOIN project j ON j.id = m.project_id
         WHERE m.principal_id = ? AND m.role = 'owner' AND m.state = 'in' AND NOT EXISTS (
           SELECT 1 FROM membership o WHERE o.project_id = m.project_id AND o.role = 'owner' AND o.state = 'in'
           AND o.principal_id <> m.principal_id)`,
        [principalId],
      );
      return rows.map((row) => row.project_id);
    },
    personByIdentity: (issuer, subject) =>
      one("p.id = (SELECT principal_id FROM external_identity WHERE issuer = ? AND subject = ?)", [
        issuer,
        subject,
      ]),
    async addIdentity(issuer, subject, principalId) {
      await sql.write([
        {
          sql: "INSERT INTO external_identity (issuer, subject, principal_id, since) VALUES (?, ?, ?, ?)",
          params: [issuer, subject, principalId, now()],
        },
      ]);
    },

    async addSession(hash, principalId, expiresAtMs) {
      await sql.write([
        { sql: "DELETE FROM session WHERE expires_at_ms < ?", params: [Date.now()] },
        {
          sql: "INSERT INTO session (hash, principal_id, created_at, expires_at_ms) VALUES (?, ?, ?, ?)",
          params: [hash, principalId, now(), expiresAtMs],
        },
      ]);
    },
    async session(hash) {
      const row = (
        await sql.read<PrincipalRow & { readonly expires_at_ms: number }>(
          `SELECT ${principalColumns}, s.expires_at_ms FROM session s JOIN principal p ON p.id = s.principal_id ${hostJoin}
           WHERE s.hash = ?`,
          [hash],
        )
      )[0];
      return row && { principal: toPrincipal(row), expiresAtMs: Number(row.expires_at_ms) };
    },
    async endSession(hash) {
      await sql.write([{ sql: "DELETE FROM session WHERE hash = ?", params: [hash] }]);
    },
    async sessionsOf(principalId) {
      const rows = await sql.read<{ hash: string; created_at: string; expires_at_ms: number }>(
        "SELECT hash, created_at, expires_at_ms FROM session WHERE principal_id = ? AND expires_at_ms > ? ORDER BY created_at",
        [principalId, Date.now()],
      );
      return rows.map((row) => ({
        hash: row.hash,
        createdAt: row.created_at,
        expiresAtMs: Number(row.expires_at_ms),
      }));
    },

    async addSignInLink(hash, principalId, expiresAtMs) {
      await sql.write([
        {
          sql: "INSERT INTO sign_in_link (hash, principal_id, expires_at_ms) VALUES (?, ?, ?)",
          params: [hash, principalId, expiresAtMs],
        },
      ]);
    },
    async spendSignInLink(hash, nowMs) {
      const unused = async () =>
        (
          await sql.read<{ principal_id: string }>(
            `SELECT l.principal_id FROM sign_in_link l LEFT JOIN sign_in_link_use u ON u.hash = l.hash
             WHERE l.hash = ? AND l.expires_at_ms > ? AND u.hash IS NULL`,
            [hash, nowMs],
          )
        )[0];
      const link = await unused();
      if (!link) return undefined;
      try {
        // The primary key decides: of two that come at once, one insert fails.
        await sql.write([
          { sql: "INSERT INTO sign_in_link_use (hash, used_at) VALUES (?, ?)", params: [hash, now()] },
        ]);
      } catch (error) {
        if (await unused()) throw error;
        return undefined;
      }
      return link.principal_id;
    },

    async addToken(token) {
      await sql.write([
        {
          sql: `INSERT INTO api_token (id, hash, principal_id, name, project_id, role, created_at, expires_at_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          params: [
            token.id,
            token.hash,
            token.principalId,
            token.name,
            token.projectId,
            token.role,
            now(),
            token.expiresAtMs,
          ],
        },
      ]);
    },
    async token(hash) {
      const row = (await selectTokens("t.hash = ?", [hash]))[0];
      return row && toToken(row);
    },
    async tokensOf(principalId) {
      return (await selectTokens("t.principal_id = ?", [principalId])).map(toToken);
    },
    async revokeToken(id, principalId) {
      const found = await sql.read<{ hash: string }>(
        "SELECT hash FROM api_token WHERE id = ? AND principal_id = ?",
        [id, principalId],
      );
      await sql.write([
        { sql: "DELETE FROM api_token WHERE id = ? AND principal_id = ?", params: [id, principalId] },
      ]);
      return found[0]?.hash;
    },
  };
}
