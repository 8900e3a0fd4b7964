import { z } from "zod";
import { recordId } from "../ids.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

/** How it is known when, on the log's clock, the first frame was taken. */
export const offsetBases = ["clocks", "person", "assumed"] as const;

/**
 * One version of the log beside a stack. Versions are added and never changed; the last one counts. A version without a
 * file says that the log was taken away.
 */
export const validator = z.object({
  id: recordId,
  number: z.number().int().positive(),
  file: z
    .object({
      name: z.string().min(1).max(255),
      bytes: z.number().int().positive(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    })
    .nullable(),
  /** The first frame's time on the log's own clock. */
  offsetS: z.number(),
  /** `assumed`: nobody said; the log's zero was taken for the first frame. */
  offsetBasis: z.enum(offsetBases),
  /** Seconds between frames as a person gave them, where the file has no times of its own. */
  frameIntervalS: z.number().positive().nullable(),
  madeBy: recordId,
  madeAt: z.string(),
});

export type StackLog = z.infer<typeof validator>;
