import { z } from "zod";
import { recordId } from "../ids.ts";
import { validator as state } from "./series-state.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

/** p' = p moved by (dx, dy) px after turning by `rotationDeg` and scaling about the image centre: member on to the first. */
const registration = z.object({
  dx: z.number(),
  dy: z.number(),
  rotationDeg: z.number(),
  scale: z.number().positive(),
  method: z.string(),
});

/** Micrographs of one object in order, each with its state. */
export const validator = z.object({
  id: recordId,
  name: z.string().min(1).max(200),
  objectId: recordId.nullable(),
  members: z.array(z.object({ micrographId: recordId, state, registration: registration.nullable() })),
});

export type Series = z.infer<typeof validator>;
