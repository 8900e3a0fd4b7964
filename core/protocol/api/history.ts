import { z } from "zod";
import { markChangeWords } from "#core/schema/mark-change.ts";

/** Shapes of /micrographs/:id/history. A moment is a sequence number: after the update that bears it. */

const annotationId = z.string().min(1).max(200);

/** Who made an edit. `upkeep`: Lamella itself, folding outlines or removing what was deleted long ago. */
export const editor = z.object({
  principalId: z.string(),
  name: z.string(),
  upkeep: z.boolean(),
});

export const historyQuery = z.object({
  /** Entries after this sequence number, oldest first. */
  after: z.coerce.number().int().nonnegative().optional(),
  /** The newest entries before this sequence number, still oldest first: a history is read from its end. */
  before: z.coerce.number().int().positive().optional(),
  /** Only edits that touched this mark. */
  mark: annotationId.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  /** yes: what each edit did to each mark. It is worked out by replaying the room: ask for pages of a few hundred. */
  changes: z.enum(["yes", "no"]).default("no"),
});

/** What an edit did to one mark; the mark as it was after the edit, or before it where the edit removed it. */
export const historyChange = z.object({
  annotationId: z.string(),
  words: z.array(z.enum(markChangeWords)),
  kind: z.string(),
  name: z.string(),
  classId: z.string().nullable(),
  interfaceId: z.string().nullable(),
  body: z.string().nullable(),
  /** Of a mark that this edit made: when it was drawn by the author's clock. Drawn offline, it is earlier than received. */
  drawnAt: z.string().nullable(),
});

export const historyEntry = z.object({
  seq: z.number(),
  by: editor,
  /** When the server received it; what was drawn offline bears its own time in the mark. */
  receivedAt: z.string(),
  annotationIds: z.array(z.string()),
  bytes: z.number(),
  /** At most 50 an edit, in the order of annotationIds; only where asked for. */
  changes: z.array(historyChange).optional(),
});

export const historyPage = z.object({
  entries: z.array(historyEntry),
  /** `after` of the page of later entries; null where there are none. Pages asked for by `before` have none. */
  next: z.number().nullable(),
  /** `before` of the page of earlier entries; null where there are none. Pages asked for by `after` have none. */
  earlier: z.number().nullable(),
});

/** Without a mark: of all of them. */
export const lastEditorsQuery = z.object({ mark: annotationId.optional() });
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

export type HistoryEditor = z.infer<typeof editor>;
export type HistoryEntry = z.infer<typeof historyEntry>;
export type HistoryChange = z.infer<typeof historyChange>;
export type HistoryPageBody = z.infer<typeof historyPage>;
export type LastEditors = z.infer<typeof lastEditors>;
export type RestoredMoment = z.infer<typeof restoredMoment>;
