import { z } from "zod";
import { externalLinks } from "../external-links.ts";
import { recordId } from "../ids.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

/** What was put into the microscope, or cut from it: batch, grid, lamella, chip. Empty fields are unknown, never guessed. */
export const validator = z.object({
  id: recordId,
  projectId: recordId,
  name: z.string().min(1).max(200),
  form: z.enum(["batch", "grid", "lamella", "chip", "other"]).nullable(),
  parentId: recordId.nullable(),
  note: z.string(),
  externalLinks,
});

export type Specimen = z.infer<typeof validator>;
