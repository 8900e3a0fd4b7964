import { z } from "zod";
import { recordId } from "../ids.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

/** What is measured and persists ("wire 3"): one object is in many micrographs, one micrograph shows many. */
export const validator = z.object({
  id: recordId,
  name: z.string().min(1).max(80),
  specimenId: recordId.nullable().optional(),
  note: z.string().optional(),
});

export type MeasuredObject = z.infer<typeof validator>;
