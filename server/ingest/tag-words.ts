import type { TagSearchShape } from "#core/protocol/api/records.ts";
import type { Sql, Statement } from "#server/jobs/sql.ts";

/** The vendor tags of a project's files, searchable by the beginnings of their words. */
export interface TagWords {
  /** Statements that put a file's tags into the index, replacing what was there. */
  indexing(sourceId: string, tags: unknown): readonly Statement[];
  /** Which words stand in the tags of which micrograph, with some of the tags that hold all of them. */
  search(projectId: string, query: string): Promise<TagSearchShape>;
}

const longestWord = 64;
const mostWordsOfFile = 20_000;
const mostQueryWords = 8;
const mostExcerpts = 60;
const tagsOfExcerpt = 3;
const longestValue = 120;
/** Words written at once: few sizes, so that the store prepares few statements. */
const statementSizes = [200, 20, 1] as const;

export function createTagWords(sql: Sql): TagWords {
  const excerptOf = async (sourceId: string, words: readonly string[]) => {
    const [row] = await sql.read<{ tags: string }>("SELECT tags FROM source WHERE id = ?", [sourceId]);
    const held = [...leavesOf(JSON.parse(row?.tags ?? "null"))].map(({ path, value }) => {
      const text = `${path} ${value}`.toLowerCase();
      return { path, value: cut(value), count: words.filter((word) => text.includes(word)).length };
    });
    return held
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count)
      .slice(0, tagsOfExcerpt)
      .map(({ path, value }) => ({ path, value }));
  };

  return {
    indexing(sourceId, tags) {
      const words = [...wordsOfTags(tags)];
      const statements: Statement[] = [
        { sql: "DELETE FROM tag_word WHERE source_id = ?", params: [sourceId] },
      ];
      for (let i = 0; i < words.length; ) {
        const size = statementSizes.find((n) => i + n <= words.length)!;
        statements.push({
          sql: `INSERT INTO tag_word (word, source_id) VALUES ${Array(size).fill("(?, ?)").join(", ")}`,
          params: words.slice(i, i + size).flatMap((word) => [word, sourceId]),
        });
        i += size;
      }
      return statements;
    },

    async search(projectId, query) {
      const words = query.toLowerCase().split(/\s+/).filter(Boolean).slice(0, mostQueryWords);
      const found = new Map<string, number[]>();
      for (const [index, word] of words.entries()) {
        const rows = await sql.read<{ id: string }>(
          `SELECT id FROM source WHERE project_id = ? AND id IN
             (SELECT source_id FROM tag_word WHERE word >= ? AND word < ?)`,
          [projectId, word, `${word}\u{10ffff}`],
        );
        for (const { id } of rows) found.set(id, [...(found.get(id) ?? []), index]);
      }
      // Files that hold most of the words come first: only so many are opened for an excerpt.
      const best = [...found].sort((a, b) => b[1].length - a[1].length);
      const micrographs = await sql.read<{ id: string; source_id: string }>(
        "SELECT id, source_id FROM micrograph WHERE project_id = ? ORDER BY ordinal",
        [projectId],
      );
      const ofSource = Map.groupBy(micrographs, ({ source_id }) => source_id);
      const matches: TagSearchShape["matches"] = [];
      for (const [place, [sourceId, indices]] of best.entries()) {
        const sought = indices.map((index) => words[index]!);
        const ids = ofSource.get(sourceId) ?? [];
        const tags = ids.length > 0 && place < mostExcerpts ? await excerptOf(sourceId, sought) : [];
        matches.push(...ids.map(({ id }) => ({ micrographId: id, words: indices, tags })));
      }
      return { words, matches };
    },
  };
}

/** Every tag that is not itself a group, with its path. */
export function* leavesOf(
  tags: unknown,
  path = "",
): Generator<{ readonly path: string; readonly value: string }> {
  if (tags === null || tags === undefined) return;
  if (Array.isArray(tags) && tags.every((item) => typeof item !== "object")) {
    yield { path, value: tags.join(", ") };
  } else if (typeof tags === "object") {
    for (const [name, child] of Object.entries(tags))
      yield* leavesOf(child, path === "" ? name : `${path}.${name}`);
  } else yield { path, value: String(tags) };
}

/**
 * Words of paths and values in lower case: split at whatever is neither letter, digit, point nor sign, and words run
 * together ("StageAlpha") also as their parts. A bounded number a file: pixel tables are no words.
 */
function wordsOfTags(tags: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { path, value } of leavesOf(tags)) {
    for (const raw of `${path.replaceAll(".", " ")} ${cut(value, 2000)}`.split(/[^\p{L}\p{N}.+-]+/u)) {
      if (found.size >= mostWordsOfFile) return found;
      const parts = raw.split(/(?<=\p{Ll})(?=\p{Lu})/u);
      for (const part of parts.length > 1 ? [raw, ...parts] : [raw]) {
        const word = part
          .replace(/^[.+-]+(?!\d)|[.+-]+$/g, "")
          .toLowerCase()
          .slice(0, longestWord);
        if (word !== "") found.add(word);
      }
    }
  }
  return found;
}

function cut(text: string, longest = longestValue): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}
