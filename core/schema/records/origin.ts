import { z } from "zod";
import { originStep } from "./annotation.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

/** How a mark came to be, step by step; later edits add to it and never erase it. */
export const validator = z.array(originStep).min(1);

export type OriginSteps = z.infer<typeof validator>;
