import { z } from "zod";
import { recordId } from "../ids.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

/** People who own projects together. */
export const validator = z.object({
  id: recordId,
  name: z.string().min(1).max(120),
  memberIds: z.array(recordId),
  createdAt: z.string(),
});

export type Group = z.infer<typeof validator>;
