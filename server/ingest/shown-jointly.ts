import type { ProjectRecordsShape, SamePictureShape, TagSearchShape } from "#core/protocol/api/records.ts";
import type { Series } from "./series-table.ts";

/** Micrographs that are shown as signals of another, with its id. */
export type Followers = ReadonlyMap<string, string>;

/** What is said of a joint micrograph is said of every file of it: one that leaves takes it along. */
export function withFollowers<Row extends { readonly micrographId: string }>(
  rows: readonly Row[],
  followers: Followers,
): Row[] {
  const said = new Set(rows.map(({ micrographId }) => micrographId));
  const added = [...followers].flatMap(([follower, leader]) => {
    const row = said.has(follower) ? undefined : rows.find(({ micrographId }) => micrographId === leader);
    return row ? [{ ...row, micrographId: follower }] : [];
  });
  return [...rows, ...added];
}

export function rowsShown(rows: ProjectRecordsShape["rows"], followers: Followers) {
  return rows.filter(({ micrographId }) => !followers.has(micrographId));
}

export function seriesShown(series: readonly Series[], followers: Followers) {
  return series.map((one) => ({
    ...one,
    micrographIds: one.micrographIds.filter((id) => !followers.has(id)),
  }));
}

/** Groups of pictures that are shown; a group of which one is left is none. */
export function picturesShown(
  pictures: readonly SamePictureShape[],
  followers: Followers,
): SamePictureShape[] {
  return pictures.flatMap(({ leadId, others, decidedBy }) => {
    const shown = others.filter(({ micrographId }) => !followers.has(micrographId));
    if (!followers.has(leadId)) return shown.length > 0 ? [{ leadId, others: shown, decidedBy }] : [];
    const [lead, ...rest] = shown;
    return lead && rest.length > 0 ? [{ leadId: lead.micrographId, others: rest, decidedBy }] : [];
  });
}

/** What stands in the tags of any of its files is found at the joint micrograph. */
export function matchesShown(found: TagSearchShape, followers: Followers): TagSearchShape {
  const byMicrograph = Map.groupBy(
    found.matches,
    ({ micrographId }) => followers.get(micrographId) ?? micrographId,
  );
  const matches = [...byMicrograph].map(([micrographId, all]) => {
    const words = [...new Set(all.flatMap((match) => match.words))].sort((a, b) => a - b);
    const tags = all.flatMap((match) => match.tags);
    const seen = new Set<string>();
    const told = tags.filter(({ path, value }) => {
      const isNew = !seen.has(`${path}\n${value}`);
      seen.add(`${path}\n${value}`);
      return isNew;
    });
    return { micrographId, words, tags: told };
  });
  return { words: found.words, matches };
}
