import { z } from "zod";
import { id, isoTime } from "./shapes.ts";

/** GET /bin: deleted projects; erased for good at `erasedAt`. POST /bin/:id/restore · DELETE /bin/:id */
export const binnedProject = z.object({
  id,
  name: z.string(),
  deletedAt: isoTime,
  deletedBy: z.string(),
  erasedAt: isoTime,
});
/** DELETE /sources/:id puts a file there. GET /projects/:id/bin · POST /projects/:id/bin/:sourceId/restore */
export const binnedFile = z.object({
  id,
  fileName: z.string(),
  bytes: z.number(),
  deletedAt: isoTime,
  deletedBy: z.string(),
  erasedAt: isoTime,
});
/** GET /tombstones */
export const tombstone = z.object({
  kind: z.enum(["project", "source", "person"]),
  id: z.string(),
  sha256: z.string().nullable(),
  deletedBy: z.string(),
  deletedAt: isoTime,
  erasedAt: isoTime,
});

export type BinnedProject = z.infer<typeof binnedProject>;
export type BinnedFile = z.infer<typeof binnedFile>;
export type Tombstone = z.infer<typeof tombstone>;
