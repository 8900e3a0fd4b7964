import { z } from "zod";
import { contents } from "#core/micrograph/content.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

/** What a micrograph shows, who said so, and what happened to its pixels. */
export const validator = z.object({
  content: z.enum(contents),
  decidedBy: z.union([z.literal("file"), z.string()]),
  flags: z.object({ lossy: z.boolean(), depthReduced: z.boolean(), screenshot: z.boolean() }),
});

export type ContentRecord = z.infer<typeof validator>;
