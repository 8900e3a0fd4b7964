import { z } from "zod";
import { recordId } from "../ids.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

/** Whether a discussion is settled, by whom and since when. */
export const validator = z.object({
  id: recordId,
  resolved: z.boolean(),
  changedBy: recordId,
  changedAt: z.string(),
});

export type Thread = z.infer<typeof validator>;
