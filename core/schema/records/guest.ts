import { z } from "zod";
import { recordId } from "../ids.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

/** Who came by an invitation link: an identity of its own kind, never a person, in one project only. */
export const validator = z.object({
  id: recordId,
  name: z.string().min(1).max(80),
  invitedBy: recordId,
  invitationId: recordId,
  projectId: recordId,
  createdAt: z.string(),
});

export type Guest = z.infer<typeof validator>;
