import { closeCodes } from "#core/protocol/close-codes.ts";
import type { AppPorts } from "./app-ports.ts";
import { roomsOfProject } from "./rooms-of-project.ts";

/**
 * After somebody's rights in a project have changed, of a person, a guest, or everybody in a group: what is remembered of
 * them is forgotten, and their open sockets follow at once. Whoever is out is told so and stays out (4403); whoever is
 * still in comes back with the rights they have now (4408).
 */
export function createRightsChanged({
  access,
  rooms,
  ingest,
}: Pick<AppPorts, "access" | "rooms" | "ingest">) {
  const { catalogue } = access;
  return async (projectId: string, principalIds: readonly string[]): Promise<void> => {
    access.forget();
    const names = await roomsOfProject(ingest.catalogue, projectId);
    const concerned = await Promise.all(principalIds.map((id) => catalogue.peopleBehind(id)));
    for (const id of new Set(concerned.flat())) {
      const isIn = (await catalogue.roleIn(projectId, id)) !== undefined;
      rooms.revoke(id, names, isIn ? closeCodes.rightsChanged : closeCodes.noRight);
    }
  };
}
