import { z } from "zod";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

const condition = z.object({ quantity: z.string().min(1), value: z.number(), unit: z.string() });

/** The state of the object in one member of a series. Elapsed time of the reaction and clock time are different fields. */
export const validator = z.object({
  label: z.string(),
  order: z.number(),
  cycle: z.number().int().nullable(),
  step: z.string().nullable(),
  elapsedS: z.number().nullable(),
  clockTime: z.string().nullable(),
  conditions: z.array(condition),
  /** What the state was told from: "SAED: Na₃Sb only". */
  basis: z.string(),
});

export type SeriesState = z.infer<typeof validator>;
