import { z } from "zod";
import { id } from "./shapes.ts";

/** GET /micrographs/:id/same-grid: series of one document whose pixels lie where this one's do. */
export const sameGrid = z.object({
  /** The files that the signals of this micrograph lie in, where they are several: one room, one calibration. */
  together: z.array(z.object({ signal: z.string(), title: z.string(), sourceId: id, fileName: z.string() })),
  /** What was written beside those files. */
  document: z.object({ sourceId: id, fileName: z.string() }).nullable(),
  /** Micrographs of their own on this grid, with marks of their own. */
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
