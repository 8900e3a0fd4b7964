import { z } from "zod";
import * as shapes from "#core/protocol/api/history.ts";
import { id } from "#core/protocol/api/shapes.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import type { MarkChange } from "#server/sync/replay.ts";
import { isUpkeepPrincipal } from "#server/sync/room-upkeep.ts";
import type { AppPorts } from "../app-ports.ts";
import { type Route, route, WrittenAnswer } from "../route.ts";

const byId = z.object({ id });
const atMoment = byId.extend({ seq: z.string().regex(/^\d{1,15}$/) });
const roomOf = (micrographId: string) => formatRoomName({ kind: "annotations", micrographId });
const isoTime = (ms: number) => new Date(ms).toISOString();

/** Only of a mark that the edit made is its own time told: later edits bear none. */
function changeBody({ annotationId, words, mark }: MarkChange): z.infer<typeof shapes.historyChange> {
  return {
    annotationId,
    words: [...words],
    kind: mark?.kind ?? "unreadable",
    name: mark?.name ?? "",
    classId: mark?.classId ?? null,
    interfaceId: mark?.interfaceId ?? null,
    body: mark?.body ?? null,
    drawnAt: words.includes("created") ? (mark?.drawnAt ?? null) : null,
  };
}

/** Who changed which marks when; any moment again; a moment brought back as a new edit. */
export function createHistoryRoutes({ access, history }: AppPorts): readonly Route[] {
  /** Names of people, each asked for once. */
  const editors = () => {
    const known = new Map<string, Promise<z.infer<typeof shapes.editor>>>();
    const ask = async (principalId: string) => {
      const upkeep = isUpkeepPrincipal(principalId);
      const person = upkeep ? undefined : await access.catalogue.principal(principalId);
      const name = upkeep ? "Lamella" : (person?.displayName ?? "somebody who is gone");
      return { principalId, name, upkeep };
    };
    return (principalId: string) => {
      const asked = known.get(principalId) ?? ask(principalId);
      known.set(principalId, asked);
      return asked;
    };
  };

  return [
    route({
      method: "get",
      path: "/micrographs/:id/history",
      summary:
        "Every committed edit of the marks with who, when, which marks, and where asked for what it did to them. Oldest first, from the start or up to a moment.",
      needs: { right: "see", in: "micrograph" },
      params: byId,
      query: shapes.historyQuery,
      answer: shapes.historyPage,
      async handle({ params, query }) {
        const room = roomOf(params.id);
        const page = await history.page(room, query.after ?? 0, query.limit, query);
        const changes = query.changes === "yes" ? await history.changes(room, page.entries) : null;
        const editorOf = editors();
        const entries = page.entries.map(async ({ seq, principalId, receivedAtMs, touched, byteLength }) => ({
          seq,
          by: await editorOf(principalId),
          receivedAt: isoTime(receivedAtMs),
          annotationIds: [...touched],
          bytes: byteLength,
          ...(changes && { changes: (changes.get(seq) ?? []).map(changeBody) }),
        }));
        return { entries: await Promise.all(entries), next: page.next, earlier: page.earlier };
      },
    }),
    route({
      method: "get",
      path: "/micrographs/:id/history/editors",
      summary: "Who changed each mark last, or one of them.",
      needs: { right: "see", in: "micrograph" },
      params: byId,
      query: shapes.lastEditorsQuery,
      answer: shapes.lastEditors,
      async handle({ params, query }) {
        const editorOf = editors();
        const touches = [...(await history.lastTouches(roomOf(params.id), query.mark))];
        const rows = touches.map(
          async ([mark, { seq, principalId, receivedAtMs }]) =>
            [mark, { by: await editorOf(principalId), seq, receivedAt: isoTime(receivedAtMs) }] as const,
        );
        return { editors: Object.fromEntries(await Promise.all(rows)) };
      },
    }),
    route({
      method: "get",
      path: "/micrographs/:id/history/:seq/annotations",
      summary: "The marks as they were at a moment, as native JSON.",
      needs: { right: "see", in: "micrograph" },
      params: atMoment,
      answer: z.object({
        format: z.string(),
        version: z.number(),
        annotations: z.array(z.looseObject({ id: z.string() })),
      }),
      handle: async ({ params }) =>
        new WrittenAnswer(await history.annotationsAt(roomOf(params.id), Number(params.seq))),
    }),
    route({
      method: "post",
      path: "/micrographs/:id/history/:seq/restore",
      summary:
        "Bring marks back to what they said at a moment, as a new edit of yours. Without annotationIds the whole image, which needs the right to manage.",
      needs: { right: "annotate", in: "micrograph" },
      params: atMoment,
      body: shapes.restoreMoment,
      answer: shapes.restoredMoment,
      async handle({ params, projectId, caller, body }) {
        // A mark is anybody's to edit who may annotate; setting everybody's work back is not.
        if (!body.annotationIds) await access.require(caller, projectId, "manage");
        const restored = await history.restore(
          roomOf(params.id),
          Number(params.seq),
          caller.principal.id,
          body.annotationIds,
        );
        return { changed: [...restored.changed], unreadable: [...restored.unreadable] };
      },
    }),
  ];
}
