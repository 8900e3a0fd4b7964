import { z } from "zod";
import { recordId } from "../ids.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

/** One comment; the first of a thread has `threadId` equal to its own id and says what it is about. */
export const validator = z.object({
  id: recordId,
  threadId: recordId,
  annotationId: recordId.nullable(),
  at: z.object({ x: z.number(), y: z.number(), frame: z.number().int().min(0) }).nullable(),
  text: z.string().min(1).max(10_000),
  author: recordId,
  createdAt: z.string(),
  editedAt: z.string().nullable(),
  deleted: z.boolean(),
});

export type Comment = z.infer<typeof validator>;
