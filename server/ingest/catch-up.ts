import type { Sql } from "#server/jobs/sql.ts";
import type { PictureGroups } from "./picture-groups.ts";
import type { TagWords } from "./tag-words.ts";

/**
 * Files read by an earlier Lamella get what this one makes of a file when it is read: their tags into the index, their
 * pictures among those that are compared. One after another, beside everything else; stopped, it goes on at the next
 * start. What people said is not touched, and nothing is proposed for files that are long in use.
 */
export async function catchUp(
  sql: Sql,
  tagWords: Pick<TagWords, "indexing">,
  pictures: Pick<PictureGroups, "consider">,
  stopped: AbortSignal,
): Promise<void> {
  const sources = await sql.read<{ id: string }>(
    `SELECT s.id FROM source s WHERE s.status = 'ready' AND s.tags NOT IN ('null', '{}', '[]')
       AND NOT EXISTS (SELECT 1 FROM tag_word w WHERE w.source_id = s.id)`,
  );
  for (const { id } of sources) {
    if (stopped.aborted) return;
    const [row] = await sql.read<{ tags: string }>("SELECT tags FROM source WHERE id = ?", [id]);
    if (row) await sql.write(tagWords.indexing(id, JSON.parse(row.tags)));
  }
  const micrographs = await sql.read<{ id: string }>(
    `SELECT m.id FROM micrograph m WHERE m.status = 'ready'
       AND NOT EXISTS (SELECT 1 FROM picture_print p WHERE p.micrograph_id = m.id) ORDER BY m.created_at`,
  );
  for (const { id } of micrographs) {
    if (stopped.aborted) return;
    await pictures.consider(id);
  }
}
