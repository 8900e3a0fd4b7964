import { z } from "zod";
import * as records from "#core/protocol/api/records.ts";
import { sameGrid } from "#core/protocol/api/same-grid.ts";
import { id } from "#core/protocol/api/shapes.ts";
import { type Route, route } from "#server/http/route.ts";
import type { Ingest } from "./ingest.ts";
import { sameGridOf } from "./same-grid.ts";

const byId = z.object({ id });

/** What people say of micrographs: specimen, session, series, state; content; which pictures are the same; tag search. */
export function createDescribedRoutes({ ingest }: { readonly ingest: Ingest }): readonly Route[] {
  const { records: known, pictures, tagWords } = ingest;
  return [
    route({
      method: "get",
      path: "/projects/:id/records",
      summary: "Specimens, sessions, and what each micrograph is said or proposed to show.",
      needs: { right: "see", in: "project" },
      params: byId,
      query: z.object({ micrograph: id.optional() }),
      answer: records.projectRecords,
      handle: async ({ projectId, query }) => {
        const [specimens, sessions, rows] = await Promise.all([
          known.specimens(projectId),
          known.sessions(projectId),
          known.rows(projectId, query.micrograph),
        ]);
        return { specimens, sessions, rows };
      },
    }),
    route({
      method: "post",
      path: "/projects/:id/records",
      summary: "Describe micrographs, a specimen, their content, or say which are one picture.",
      needs: { right: "annotate", in: "project" },
      params: byId,
      body: records.recordsCommand,
      async handle({ projectId, caller, body }) {
        const principalId = caller.principal.id;
        switch (body.type) {
          case "describe":
            return known.describe(projectId, principalId, body.rows);
          case "put-specimen":
            return known.putSpecimen(projectId, principalId, body.specimen);
          case "set-content":
            return known.setContent(projectId, principalId, body.micrographIds, body.content);
          case "same-picture":
            await known.requireMicrographs(projectId, body.micrographIds);
            return pictures.join(projectId, principalId, body.micrographIds);
          case "other-picture":
            await known.requireMicrographs(projectId, [body.micrographId]);
            return pictures.part(projectId, principalId, body.micrographId);
        }
      },
    }),
    route({
      method: "get",
      path: "/projects/:id/search",
      summary: "In which micrographs' vendor tags words stand, by their beginnings.",
      needs: { right: "see", in: "project" },
      params: byId,
      query: z.object({ words: z.string().trim().min(1).max(200) }),
      answer: records.tagSearch,
      handle: ({ projectId, query }) => tagWords.search(projectId, query.words),
    }),
    route({
      method: "get",
      path: "/micrographs/:id/same-grid",
      summary: "Other series of the same document whose pixels lie where this one's do.",
      needs: { right: "see", in: "micrograph" },
      params: byId,
      answer: sameGrid,
      handle: async ({ params }) => ({ others: [...(await sameGridOf(ingest.catalogue, params.id))] }),
    }),
  ];
}
