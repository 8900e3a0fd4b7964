import { z } from "zod";
import { recordId } from "../ids.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

/** Owned by a person or a group, private by default; carries what a published dataset must say. */
export const validator = z.object({
  id: recordId,
  name: z.string().min(1).max(200),
  ownerId: recordId,
  createdAt: z.string(),
  licence: z.string().nullable(),
  creators: z.array(z.object({ name: z.string(), orcid: z.string().nullable() })),
  funding: z.array(z.string()),
  embargoUntil: z.string().nullable(),
  /** When it was put into the bin, where it rests 30 days. */
  deletedAt: z.string().nullable(),
});

export type Project = z.infer<typeof validator>;
