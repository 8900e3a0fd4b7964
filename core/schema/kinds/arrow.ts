import { z } from "zod";
import type { Scalar } from "../annotation.ts";
import type { KindDefinition } from "../kind-definition.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

export const validator = z
  .object({})
  .catchall(z.union([z.string(), z.number(), z.boolean(), z.null()])) as unknown as z.ZodType<
  Readonly<Record<string, Scalar>>
>;

/** Points at something: from its first vertex to its second. */
export const arrow = {
  kind: "arrow",
  geometry: { rings: [1, 1], vertices: [2, 2], closed: false, holes: false },
  validator,
  version,
  migrations: [],
} as const satisfies KindDefinition;
