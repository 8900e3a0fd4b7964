import { z } from "zod";
import { withAnnotations } from "#core/document/annotation-document.ts";
import { asAnnotation } from "#core/import/recorded-marks.ts";
import { id } from "#core/protocol/api/shapes.ts";
import * as shapes from "#core/protocol/api/suggestions.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import { notFound } from "#server/access/access.ts";
import type { Intake } from "#server/access/intake.ts";
import { type Route, route } from "#server/http/route.ts";
import type { RoomServer } from "#server/sync/room-server.ts";
import type { Ingest } from "./ingest.ts";

const byId = z.object({ id });

/** Marks that another program left in a file: shown to people, drawn only when one of them takes them over. */
export function createSuggestionRoutes(ports: {
  readonly ingest: Ingest;
  readonly rooms: Pick<RoomServer, "writeAsServer">;
  readonly intake: Pick<Intake, "requireRoomForMarks">;
}): readonly Route[] {
  const { ingest, rooms, intake } = ports;
  const { suggestions, catalogue } = ingest;
  return [
    route({
      method: "get",
      path: "/micrographs/:id/suggestions",
      summary: "Marks that another program left in the file, and what was decided about them.",
      needs: { right: "see", in: "micrograph" },
      params: byId,
      answer: shapes.suggestions,
      handle: async ({ params }) => ({ suggestions: [...(await suggestions.of(params.id))] }),
    }),
    route({
      method: "post",
      path: "/micrographs/:id/suggestions",
      summary: "Take marks of the file over into the annotations, or set them aside.",
      needs: { right: "annotate", in: "micrograph" },
      params: byId,
      body: shapes.decideSuggestions,
      answer: shapes.suggestions,
      async handle({ params, caller, body }) {
        const principalId = caller.principal.id;
        const source = await catalogue.source((await catalogue.micrograph(params.id))?.sourceId ?? "");
        if (!source) throw notFound();
        const known = await suggestions.of(params.id);
        const accepted = new Set(body.accept);
        const taken = known.filter((one) => accepted.has(one.id) && one.state !== "accepted");
        if (taken.length > 0) {
          const room = formatRoomName({ kind: "annotations", micrographId: params.id });
          await rooms.writeAsServer(room, principalId, (doc) =>
            withAnnotations(doc, (document) => {
              intake.requireRoomForMarks(document.annotations().size, taken.length);
              // Their ids are the suggestions': taken over once, even where the decision below was not written.
              const commands = taken
                .filter((one) => !document.get(one.id))
                .map((one) => ({
                  type: "create" as const,
                  id: one.id,
                  annotation: asAnnotation(one, source.fileName, principalId),
                }));
              if (commands.length > 0) document.execute({ type: "together", commands });
            }),
          );
        }
        await suggestions.decide(
          params.id,
          principalId,
          new Map([
            ...body.dismiss.map((one) => [one, "dismissed"] as const),
            ...body.accept.map((one) => [one, "accepted"] as const),
          ]),
        );
        return { suggestions: [...(await suggestions.of(params.id))] };
      },
    }),
  ];
}
