import { z } from "zod";
import { longestProjectName, readableName } from "../readable-name.ts";

const lengthOf = (name: string): number => [...readableName(name)].length;

/** What a project is called, on every page of it. */
export const projectName = z
  .string()
  .refine((name) => lengthOf(name) >= 1 && lengthOf(name) <= longestProjectName, {
    error: ({ input }) =>
      `expected a name of 1 to ${longestProjectName} characters that can be read, received ${lengthOf(String(input))}`,
  });

/** POST /projects */
export const createProject = z.object({ name: projectName });
/** PATCH /projects/:id */
export const renameProject = z.object({ name: projectName });
