import { z } from "zod";
import { conditionQuantities } from "#core/micrograph/condition-log.ts";
import { validator as stackLogVersion } from "#core/schema/records/stack-log.ts";

export { stackLogVersion };

const numbers = z.array(z.number());
/** null: an empty cell, or a value that is not known. */
const numbersOrNull = z.array(z.number().nullable());

/** GET /micrographs/:id/log: the log beside a stack, all of its samples. */
export const stackLog = z.object({
  version: stackLogVersion,
  startedAt: z.string().nullable(),
  timesS: numbers,
  channels: z.array(
    z.object({
      quantity: z.enum(conditionQuantities),
      label: z.string(),
      unit: z.string(),
      values: numbersOrNull,
    }),
  ),
  leftOut: z.array(z.string()),
});

/** PUT /micrographs/:id/log: where the pictures lie on the log's clock. */
export const placeLog = z.object({
  offsetS: z.number().min(-1e9).max(1e9),
  /** Absent: as it is. Only where the file has no times of its own. */
  frameIntervalS: z.number().positive().max(1e7).nullable().optional(),
});

export const frameStatistics = z.object({ min: z.number(), max: z.number(), mean: z.number() });

/** GET /micrographs/:id/frames: each frame's time, conditions, and numbers of its pixels where they were read. */
export const stackFrames = z.object({
  /** Where the times come from; null where there are none. */
  times: z.enum(["file", "person"]).nullable(),
  /** The version of the log that the conditions were read from. */
  log: stackLogVersion.nullable(),
  frames: z.array(
    z.object({
      frame: z.number(),
      timeS: z.number().nullable(),
      conditions: z.array(
        z.object({
          quantity: z.enum(conditionQuantities),
          label: z.string(),
          unit: z.string(),
          value: z.number(),
        }),
      ),
      /** Of recorded values; null where the frame has not been read yet. */
      statistics: frameStatistics.nullable(),
    }),
  ),
});

export type StackLogVersion = z.infer<typeof stackLogVersion>;
export type StackLogAnswer = z.infer<typeof stackLog>;
export type PlaceLog = z.infer<typeof placeLog>;
export type StackFrames = z.infer<typeof stackFrames>;
