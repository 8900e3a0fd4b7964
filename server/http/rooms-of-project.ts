import { formatRoomName } from "#core/protocol/rooms.ts";
import type { MicrographCatalogue } from "#server/ingest/micrograph-catalogue.ts";

/** Names of every room of a project that people can be in. */
export async function roomsOfProject(
  catalogue: Pick<MicrographCatalogue, "listMicrographs">,
  projectId: string,
): Promise<string[]> {
  const micrographs = await catalogue.listMicrographs(projectId);
  return [
    formatRoomName({ kind: "shared", projectId }),
    ...micrographs.flatMap(({ id: micrographId }) => [
      formatRoomName({ kind: "annotations", micrographId }),
      formatRoomName({ kind: "record", micrographId }),
    ]),
  ];
}
