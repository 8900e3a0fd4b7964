import type { HistoryPageBody, LastEditors, RestoredMoment } from "#core/protocol/api/history.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { callApi } from "./api-client.ts";

/** Part of a history: the newest edits before a moment, or those after one. */
export interface HistoryQuestion {
  readonly before?: number;
  readonly after?: number;
  readonly mark?: string | undefined;
  readonly limit: number;
  /** What each edit did to each mark. */
  readonly changes?: boolean;
}

const pathOf = (micrographId: string) => `/micrographs/${micrographId}/history`;

/** What the pages ask of a micrograph's history. */
export const historyEndpoints = {
  page: (micrographId: string, question: HistoryQuestion) => {
    const { before, after, mark, limit, changes } = question;
    const query = new URLSearchParams({ limit: String(limit) });
    if (before !== undefined) query.set("before", String(before));
    if (after !== undefined) query.set("after", String(after));
    if (mark !== undefined) query.set("mark", mark);
    if (changes) query.set("changes", "yes");
    return callApi<HistoryPageBody>("GET", `${pathOf(micrographId)}?${query}`);
  },
  lastEditor: async (micrographId: string, mark: string) => {
    const query = new URLSearchParams({ mark });
    const { editors } = await callApi<LastEditors>("GET", `${pathOf(micrographId)}/editors?${query}`);
    return editors[mark] ?? null;
  },
  marksAt: (micrographId: string, seq: number) =>
    callApi<{ readonly annotations: readonly Annotation[] }>(
      "GET",
      `${pathOf(micrographId)}/${seq}/annotations`,
    ),
  restore: (micrographId: string, seq: number, annotationIds?: readonly string[]) =>
    callApi<RestoredMoment>("POST", `${pathOf(micrographId)}/${seq}/restore`, { annotationIds }),
} as const;
