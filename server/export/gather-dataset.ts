import { readRecord } from "#core/document/record-document.ts";
import { readShared } from "#core/document/shared-document.ts";
import type { Dataset, DatasetMicrograph } from "#core/export/dataset.ts";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import type { MicrographCatalogue } from "#server/ingest/micrograph-catalogue.ts";
import type { StackFramesService } from "#server/ingest/stack-frames.ts";
import type { Parts } from "#server/sync/replay.ts";
import type { RoomServer } from "#server/sync/room-server.ts";

export interface GatherDeps {
  readonly micrographs: Pick<MicrographCatalogue, "listMicrographs" | "source">;
  readonly rooms: Pick<RoomServer, "readDocument" | "readParts" | "authors">;
  /** Name of a person or guest as others see it. */
  readonly nameOf: (principalId: string) => Promise<string>;
  readonly version: string;
  /** Time and conditions of a stack's frames. */
  readonly stackFrames?: Pick<StackFramesService, "all">;
}

/** A micrograph whose marks are bytes still: the thread that writes the files reads and measures them, which takes long. */
export interface GatheredMicrograph
  extends Omit<DatasetMicrograph, "annotations" | "authors" | "invalid" | "measurements"> {
  /** Its annotations room as committed. */
  readonly marks: Parts;
  /** Name of the person behind each Yjs client id of the room. */
  readonly authorNames: ReadonlyMap<number, string>;
}

export type GatheredDataset = Omit<Dataset, "micrographs"> & {
  readonly micrographs: readonly GatheredMicrograph[];
};

/** What an exporter may use of a project, as committed now. */
export async function gatherDataset(
  deps: GatherDeps,
  project: { readonly id: string; readonly name: string },
  chosen?: readonly string[],
): Promise<GatheredDataset> {
  const shared = await deps.rooms.readDocument(
    formatRoomName({ kind: "shared", projectId: project.id }),
    readShared,
  );
  const all = await deps.micrographs.listMicrographs(project.id);
  const micrographs = chosen ? all.filter(({ id }) => chosen.includes(id)) : all;
  return {
    projectName: project.name,
    classes: [...shared.classes.values()],
    objects: [...shared.objects.values()].map(({ id, name }) => ({ id, name })),
    interfaces: [...shared.interfaces.values()].map(({ id, name, objectId, substrate, film }) => ({
      id,
      name,
      objectId,
      substrate,
      film,
    })),
    micrographs: await Promise.all(micrographs.map((micrograph) => gatherMicrograph(deps, micrograph))),
    exportedAt: new Date().toISOString(),
    version: deps.version,
  };
}

async function gatherMicrograph(deps: GatherDeps, micrograph: Micrograph): Promise<GatheredMicrograph> {
  const room = formatRoomName({ kind: "annotations", micrographId: micrograph.id });
  const marks = await deps.rooms.readParts(room);
  const record = await deps.rooms.readDocument(
    formatRoomName({ kind: "record", micrographId: micrograph.id }),
    readRecord,
  );
  const calibration = record.calibration ?? micrograph.calibration;
  const authorNames = await namesOf(deps, await deps.rooms.authors(room));
  const source = await deps.micrographs.source(micrograph.sourceId);
  const stack = micrograph.frames > 1 ? await deps.stackFrames?.all(micrograph, "0") : undefined;
  return {
    id: micrograph.id,
    name: micrograph.name,
    width: micrograph.width,
    height: micrograph.height,
    frames: micrograph.frames,
    sha256: source?.sha256 ?? null,
    calibration,
    flags: micrograph.flags,
    state: micrograph.state?.label ?? null,
    seriesId: micrograph.seriesId,
    window: micrograph.signals[0]?.window ?? { low: 0, high: 1 },
    marks,
    authorNames,
    ...(stack ? { stack } : {}),
  };
}

/** One question a person, however many clients they had. */
async function namesOf(
  { nameOf }: Pick<GatherDeps, "nameOf">,
  principals: ReadonlyMap<number, string>,
): Promise<ReadonlyMap<number, string>> {
  const names = new Map<string, string>();
  for (const id of new Set(principals.values())) names.set(id, await nameOf(id));
  return new Map([...principals].map(([client, id]) => [client, names.get(id)!]));
}
