import { z } from "zod";
import { id } from "./shapes.ts";

/** GET /micrographs/:id/same-grid: series of the same document whose pixels lie where this one's do. */
export const sameGrid = z.object({
  others: z.array(
    z.object({
      micrographId: id,
      name: z.string(),
      /** File name of the document they belong to. */
      document: z.string(),
    }),
  ),
});

export type SameGridShape = z.infer<typeof sameGrid>;
