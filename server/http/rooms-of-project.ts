import { formatRoomName } from "#core/protocol/rooms.ts";
import type { MicrographCatalogue } from "#server/ingest/micrograph-catalogue.ts";

/** Names of every room of a project that people can be in. */
export async function roomsOfProject(
  catalogue: Pick<MicrographCatalogue, "listSources">,
  projectId: string,
): Promise<string[]> {
  // By file: one that is a signal of another micrograph may be open in a room of its own still.
  const files = await catalogue.listSources(projectId);
  return [
    formatRoomName({ kind: "shared", projectId }),
    ...files
      .flatMap(({ micrographs }) => micrographs)
      .flatMap((micrographId) => [
        formatRoomName({ kind: "annotations", micrographId }),
        formatRoomName({ kind: "record", micrographId }),
      ]),
  ];
}
