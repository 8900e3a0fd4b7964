import { z } from "zod";
import { recordId } from "../ids.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

/**
 * A declaration that everything of the named classes is marked, in a region (the mark of kind "scope") or in the whole
 * micrograph (no mark). Outside every scope a pixel is unknown and leaves as "ignore", never as background.
 */
export const validator = z.object({
  id: recordId,
  micrographId: recordId,
  annotationId: recordId.nullable(),
  classIds: z.array(recordId).min(1),
  frames: z.union([z.literal("all"), z.tuple([z.number().int().min(0), z.number().int().min(0)])]),
  declaredBy: recordId,
  declaredAt: z.string(),
});

export type ScopeDeclaration = z.infer<typeof validator>;
