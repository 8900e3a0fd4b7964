import { useState } from "react";
import type { Project } from "#core/protocol/api/shapes.ts";
import { longestProjectName, readableName } from "#core/protocol/readable-name.ts";
import { endpoints } from "./endpoints.ts";
import { useAttempt } from "./use-attempt.ts";

/** A project's name while somebody types another. */
export function useRenameProject(project: Pick<Project, "id" | "name">, renamed: () => Promise<unknown>) {
  const [typed, type] = useState(project.name);
  const { busy, failure, run } = useAttempt();
  const name = readableName(typed);
  return {
    typed,
    type,
    busy,
    /** The server's sentence, where it did not take the name. */
    failure,
    isOther: name !== "" && name !== project.name,
    longest: longestProjectName,
    /** @returns whether the project is called so now */
    keep: () =>
      run(async () => {
        const { name: kept } = await endpoints.renameProject(project.id, name);
        type(kept);
        await renamed();
      }),
  };
}
