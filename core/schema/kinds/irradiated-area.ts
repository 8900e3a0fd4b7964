import { z } from "zod";
import type { Scalar } from "../annotation.ts";
import { anyNumber, type KindDefinition } from "../kind-definition.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

/** Probe current, dwell, pixels and frames (STEM), or exposure time and current (TEM): fluence is derived, never stored. */
export const validator = z
  .object({
    probeCurrentNa: z.number().positive().nullable().optional(),
    dwellTimeUs: z.number().positive().nullable().optional(),
    pixelCount: z.number().int().positive().nullable().optional(),
    frameCount: z.number().int().positive().nullable().optional(),
    exposureTimeS: z.number().positive().nullable().optional(),
  })
  .catchall(z.union([z.string(), z.number(), z.boolean(), z.null()])) as unknown as z.ZodType<
  Readonly<Record<string, Scalar>>
>;

/** Where the beam has been, with what the fluence is computed from. Unknown values are absent, never zero. */
export const irradiatedArea = {
  kind: "irradiated-area",
  geometry: { rings: [1, anyNumber], vertices: [3, anyNumber], closed: true, holes: true },
  validator,
  version,
  migrations: [],
} as const satisfies KindDefinition;
