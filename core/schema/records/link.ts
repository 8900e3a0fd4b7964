import { z } from "zod";
import { recordId } from "../ids.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

const end = z.object({
  type: z.enum(["annotation", "micrograph"]),
  id: recordId,
  micrographId: recordId.optional(),
});

/** "from" is … of "to". A link may point at something that is not here yet. */
export const validator = z.object({
  id: recordId,
  from: end,
  to: end,
  kind: z.enum([
    "diffraction-of",
    "dark-field-through",
    "spectrum-of",
    "inset-of",
    "same-place-as",
    "detail-of",
    "derived-from",
  ]),
  madeBy: recordId,
  madeAt: z.string(),
});

export type Link = z.infer<typeof validator>;
