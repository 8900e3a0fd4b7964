import { z } from "zod";
import type { Scalar } from "../annotation.ts";
import { anyNumber, type KindDefinition } from "../kind-definition.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

export const validator = z
  .object({
    widthPx: z.number().positive().optional(),
  })
  .catchall(z.union([z.string(), z.number(), z.boolean(), z.null()])) as unknown as z.ZodType<
  Readonly<Record<string, Scalar>>
>;

/** A line along which intensity is read, averaged over a width across it. */
export const profileLine = {
  kind: "profile-line",
  geometry: { rings: [1, 1], vertices: [2, anyNumber], closed: false, holes: false },
  validator,
  version,
  migrations: [],
} as const satisfies KindDefinition;
