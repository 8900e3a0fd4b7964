import type { Sql, SqlValue, Statement } from "#server/jobs/sql.ts";

/** What erases attachments for good: their rows, and the hashes whose bytes may go once nobody else stands on them. */
export interface AttachmentErasure {
  readonly statements: readonly Statement[];
  readonly hashes: readonly string[];
}

/** @param where chooses attachments, called `a` */
export async function attachmentErasure(
  sql: Sql,
  where: string,
  params: readonly SqlValue[],
): Promise<AttachmentErasure> {
  const rows = await sql.read<{ id: string; sha256: string }>(
    `SELECT a.id, a.sha256 FROM attachment a WHERE ${where}`,
    params,
  );
  return {
    statements: rows.map(({ id }) => ({ sql: "DELETE FROM attachment WHERE id = ?", params: [id] })),
    hashes: [...new Set(rows.map(({ sha256 }) => sha256))],
  };
}
