import { z } from "zod";
import { recordId } from "../ids.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

/** Where two bodies meet ("upper Sb|TiN"). Traces name it and say whose surface they follow. */
export const validator = z.object({
  id: recordId,
  name: z.string().min(1).max(80),
  objectId: recordId.nullable(),
  substrate: z.string(),
  film: z.string(),
});

export type InterfaceRecord = z.infer<typeof validator>;
