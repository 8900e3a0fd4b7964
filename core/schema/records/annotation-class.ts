import { z } from "zod";
import { classRoles, linePatterns } from "../annotation-class.ts";
import { recordId } from "../ids.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

const attribute = z.object({
  key: z.string().min(1),
  label: z.string(),
  type: z.enum(["choice", "text", "number", "boolean"]),
  choices: z.array(z.string()).readonly().exactOptional(),
  unit: z.string().exactOptional(),
});

/** A project's class: what a mark means. Its role is from a closed list, all else is the project's. */
export const validator = z.object({
  id: recordId,
  name: z.string().min(1).max(80),
  colour: z.string().regex(/^#[0-9a-f]{6}$/i),
  pattern: z.enum(linePatterns),
  role: z.enum(classRoles),
  key: z.string().nullable(),
  attributes: z.array(attribute).readonly(),
});

export type AnnotationClassRecord = z.infer<typeof validator>;
