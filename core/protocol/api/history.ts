import { z } from "zod";

/** Shapes of /micrographs/:id/history. A moment is a sequence number: after the update that bears it. */

const annotationId = z.string().min(1).max(200);

/** Who made an edit. `upkeep`: Lamella itself, folding outlines or removing what was deleted long ago. */
export const editor = z.object({
  principalId: z.string(),
  name: z.string(),
  upkeep: z.boolean(),
});

export const historyQuery = z.object({
  /** Entries after this sequence number. */
  after: z.coerce.number().int().nonnegative().default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

export const historyPage = z.object({
  entries: z.array(
    z.object({
      seq: z.number(),
      by: editor,
      /** When the server received it; what was drawn offline bears its own time in the mark. */
      receivedAt: z.string(),
      annotationIds: z.array(z.string()),
      bytes: z.number(),
    }),
  ),
  /** `after` of the next page; null on the last. */
  next: z.number().nullable(),
});

export const lastEditors = z.object({
  editors: z.record(z.string(), z.object({ by: editor, seq: z.number(), receivedAt: z.string() })),
});

/** Without annotationIds: the whole image. */
export const restoreMoment = z.strictObject({
  annotationIds: z.array(annotationId).min(1).max(10_000).optional(),
});
export const restoredMoment = z.object({
  changed: z.array(z.string()),
  /** Marks whose outline cannot be read: they stayed as they are. */
  unreadable: z.array(z.string()),
});

export type HistoryPageBody = z.infer<typeof historyPage>;
export type LastEditors = z.infer<typeof lastEditors>;
export type RestoredMoment = z.infer<typeof restoredMoment>;
