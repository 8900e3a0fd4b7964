import { useEffect, useState } from "react";
import { endpoints } from "#client/state/endpoints.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { Member } from "#core/protocol/api/shapes.ts";
import { type Named, personNamed } from "./person-named.ts";
import { useWorkspace } from "./workspace-context.ts";

/**
 * Names of people of this project: never "somebody" before the server was asked. Whoever came in after the list was told
 * is asked for once more.
 *
 * @param ids whoever is to be named
 * @param asks whether the list is wanted at all; else only where there is somebody to name
 */
export function useNames(
  ids: readonly string[],
  asks = false,
): { readonly named: (id: string) => Named; readonly members: readonly Member[] } {
  const { project } = useWorkspace();
  const me = usePersonStore((state) => state.principal);
  const others = [...new Set(ids)].filter((id) => id !== me?.id);
  const { value, error, refetch } = useResource(
    asks || others.length > 0 ? `members ${project.id}` : null,
    () => endpoints.members(project.id),
  );
  const missing = others
    .filter((id) => !value?.some(({ principal }) => principal.id === id))
    .sort()
    .join(" ");
  const [askedFor, setAskedFor] = useState("");
  const toAsk = value !== null && missing !== "" && missing !== askedFor;
  useEffect(() => {
    if (toAsk) void refetch().then(() => setAskedFor(missing));
  }, [toAsk, missing, refetch]);
  const asking = toAsk || (value === null && error === null);
  return { named: (id) => personNamed(id, me, value, asking), members: value ?? [] };
}
