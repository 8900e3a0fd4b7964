import { z } from "zod";
import { recordId } from "../ids.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

/** Any file on any record, kept untouched under its SHA-256. */
export const validator = z.object({
  id: recordId,
  on: z.object({ type: z.string().min(1), id: recordId }),
  fileName: z.string().min(1).max(255),
  bytes: z.number().int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  mediaType: z.string(),
  addedBy: recordId,
  addedAt: z.string(),
});

export type Attachment = z.infer<typeof validator>;
