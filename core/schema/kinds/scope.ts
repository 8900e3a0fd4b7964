import { z } from "zod";
import type { Scalar } from "../annotation.ts";
import { anyNumber, type KindDefinition } from "../kind-definition.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

/** `classIds` are joined by commas: a parameter is a scalar, so that it merges as one value. */
export const validator = z
  .object({
    classIds: z.string(),
    declaredBy: z.string(),
    declaredAt: z.string().nullable().optional(),
  })
  .catchall(z.union([z.string(), z.number(), z.boolean(), z.null()])) as unknown as z.ZodType<
  Readonly<Record<string, Scalar>>
>;

/** An area declared completely annotated for the classes it names: outside every scope a pixel is unknown. No ring: the whole micrograph. */
export const scope = {
  kind: "scope",
  geometry: { rings: [0, anyNumber], vertices: [3, anyNumber], closed: true, holes: true },
  validator,
  version,
  migrations: [],
} as const satisfies KindDefinition;
