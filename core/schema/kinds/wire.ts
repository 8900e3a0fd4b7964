import { z } from "zod";
import type { Scalar } from "../annotation.ts";
import { anyNumber, type KindDefinition } from "../kind-definition.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

export const validator = z
  .object({})
  .catchall(z.union([z.string(), z.number(), z.boolean(), z.null()])) as unknown as z.ZodType<
  Readonly<Record<string, Scalar>>
>;

/** A wire by its axis (one open ring) or by its two edges (two open rings). */
export const wire = {
  kind: "wire",
  geometry: { rings: [1, 2], vertices: [2, anyNumber], closed: false, holes: false },
  validator,
  version,
  migrations: [],
} as const satisfies KindDefinition;
