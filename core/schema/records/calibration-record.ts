import { z } from "zod";
import { recordId } from "../ids.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

const perAxis = z.object({ x: z.number().positive(), y: z.number().positive() });
const uncertainty = z.object({ x: z.number().min(0), y: z.number().min(0) });
const source = z.union([
  z.object({ kind: z.literal("file"), tag: z.string() }),
  z.object({
    kind: z.literal("person"),
    principalId: z.string(),
    method: z.enum(["scale-bar", "feature", "lattice", "typed"]),
    note: z.string(),
  }),
  z.object({ kind: z.literal("synthetic") }),
]);

/** Uncalibrated and not-to-scale are values, not absences. */
export const calibration = z.discriminatedUnion("state", [
  z.object({
    state: z.literal("calibrated"),
    unit: z.enum(["nm", "1/nm"]),
    pixelSize: perAxis,
    rotationDeg: z.number(),
    relativeStandardUncertainty: uncertainty,
    source,
    certified: z.boolean(),
  }),
  z.object({ state: z.literal("uncalibrated"), reason: z.string() }),
  z.object({ state: z.literal("not-to-scale") }),
]);

/** One version of a micrograph's calibration; versions are added and never changed, numbers say which they used. */
export const validator = z.object({
  id: recordId,
  number: z.number().int().positive(),
  calibration,
  comment: z.string().max(500),
  madeBy: recordId,
  madeAt: z.string(),
});

export type CalibrationRecord = z.infer<typeof validator>;
