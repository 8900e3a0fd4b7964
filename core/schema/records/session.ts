import { z } from "zod";
import { recordId } from "../ids.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

/** One sitting at one instrument. */
export const validator = z.object({
  id: recordId,
  projectId: recordId,
  instrument: z.string().nullable(),
  holder: z.string().nullable(),
  /** Leaves in exports only when ticked. */
  operator: z.string().nullable(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
});

export type InstrumentSession = z.infer<typeof validator>;
