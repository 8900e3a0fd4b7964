import { z } from "zod";
import { scaleBarAnswer } from "#core/protocol/api/scale-bar.ts";
import { id } from "#core/protocol/api/shapes.ts";
import { notFound } from "#server/access/access.ts";
import { type Route, route } from "#server/http/route.ts";
import type { PictureAccess } from "#server/tiles/tile-access.ts";
import type { ScaleBars } from "./scale-bars.ts";

export interface ScaleBarRouteDeps {
  readonly scaleBars: Pick<ScaleBars, "find">;
  readonly ingest: {
    readonly catalogue: { tileAccess(micrographId: string): Promise<PictureAccess | undefined> };
  };
}

/** What somebody drew over a picture and Lamella can read. */
export function createScaleBarRoutes({ scaleBars, ingest }: ScaleBarRouteDeps): readonly Route[] {
  return [
    route({
      method: "get",
      path: "/micrographs/:id/scale-bar",
      summary: "The burnt-in scale bar, its ends and its lettering, for a person to confirm.",
      needs: { right: "see", in: "micrograph" },
      params: z.object({ id }),
      query: z.object({ signal: z.string().max(8).optional() }),
      answer: scaleBarAnswer,
      async handle({ params, query }) {
        const picture = await ingest.catalogue.tileAccess(params.id);
        if (!picture) throw notFound();
        const found = await scaleBars.find(picture, query.signal ?? picture.signals[0]?.id ?? "0");
        return { searched: found !== undefined, scaleBar: found ?? null };
      },
    }),
  ];
}
