import { z } from "zod";
import { recordId } from "../ids.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

/** Whoever acts or owns: a person, a guest by link, or a group. */
export const validator = z.object({
  id: recordId,
  kind: z.enum(["person", "guest", "group"]),
  /** As shown to others; a guest is "Name (guest of A. Owner)". */
  name: z.string().min(1).max(200),
  colour: z.string().regex(/^#[0-9a-f]{6}$/i),
  orcid: z
    .string()
    .regex(/^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$/)
    .nullable(),
});

export type Principal = z.infer<typeof validator>;
