import { z } from "zod";
import type { Scalar } from "../annotation.ts";
import { anyNumber, type KindDefinition } from "../kind-definition.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

export const validator = z
  .object({
    substrateTraceId: z.string().nullable().optional(),
    filmTraceId: z.string().nullable().optional(),
  })
  .catchall(z.union([z.string(), z.number(), z.boolean(), z.null()])) as unknown as z.ZodType<
  Readonly<Record<string, Scalar>>
>;

/** A gap between two traces named in its parameters (no ring), or a band between two edges of its own (two open rings). */
export const gap = {
  kind: "gap",
  geometry: { rings: [0, 2], vertices: [2, anyNumber], closed: false, holes: false },
  validator,
  version,
  migrations: [],
} as const satisfies KindDefinition;
