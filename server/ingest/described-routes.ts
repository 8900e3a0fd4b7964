import { z } from "zod";
import * as records from "#core/protocol/api/records.ts";
import { sameGrid } from "#core/protocol/api/same-grid.ts";
import { id } from "#core/protocol/api/shapes.ts";
import { type Route, route } from "#server/http/route.ts";
import type { Ingest } from "./ingest.ts";
import { sameGridOf } from "./same-grid.ts";
import { matchesShown, rowsShown, withFollowers } from "./shown-jointly.ts";

const byId = z.object({ id });

/** What people say of micrographs: specimen, session, series, state; content; which pictures are the same; tag search. */
export function createDescribedRoutes({ ingest }: { readonly ingest: Ingest }): readonly Route[] {
  const { catalogue, records: known, pictures, tagWords } = ingest;
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
        const [specimens, sessions, rows, followers] = await Promise.all([
          known.specimens(projectId),
          known.sessions(projectId),
          known.rows(projectId, query.micrograph),
          catalogue.followersOf(projectId),
        ]);
        return { specimens, sessions, rows: rowsShown(rows, followers) };
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
        const followersOf = () => catalogue.followersOf(projectId);
        switch (body.type) {
          case "describe":
            return known.describe(projectId, principalId, withFollowers(body.rows, await followersOf()));
          case "put-specimen":
            return known.putSpecimen(projectId, principalId, body.specimen);
          case "set-content":
            return known.setContent(
              projectId,
              principalId,
              withFollowers(
                body.micrographIds.map((micrographId) => ({ micrographId })),
                await followersOf(),
              ).map(({ micrographId }) => micrographId),
              body.content,
            );
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
      handle: async ({ projectId, query }) =>
        matchesShown(await tagWords.search(projectId, query.words), await catalogue.followersOf(projectId)),
    }),
    route({
      method: "get",
      path: "/micrographs/:id/same-grid",
      summary:
        "Files of its signals, and micrographs of the same document whose pixels lie where this one's do.",
      needs: { right: "see", in: "micrograph" },
      params: byId,
      answer: sameGrid,
      handle: ({ params }) => sameGridOf(catalogue, params.id),
    }),
  ];
}
