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

/** A closed area: outer rings, each followed by its holes; several outer rings are one mark. */
export const region = {
  kind: "region",
  geometry: { rings: [1, anyNumber], vertices: [3, anyNumber], closed: true, holes: true },
  validator,
  version,
  migrations: [],
} as const satisfies KindDefinition;
