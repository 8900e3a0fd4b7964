import { once } from "node:events";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { withAnnotations } from "#core/document/annotation-document.ts";
import { putComment } from "#core/document/record-document.ts";
import { putClass, putInterface, putObject } from "#core/document/shared-document.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import type { NewAnnotation } from "#core/schema/annotation.ts";
import { defaultClasses } from "#core/schema/default-classes.ts";
import { createRecordId } from "#core/schema/ids.ts";
import { syntheticStates } from "#core/synthetic/states.ts";
import type { Ingest } from "#server/ingest/ingest.ts";
import type { Report } from "#server/report.ts";
import type { Catalogue } from "#server/storage/catalogue.ts";
import type { RoomServer } from "#server/sync/room-server.ts";
import { type DemonstrationRecords, demonstrationMarks } from "./demonstration-marks.ts";
import type { RenderAnswer, RenderRequest } from "./render-worker.ts";

export interface DemonstrationDeps {
  readonly ingest: Ingest;
  readonly rooms: Pick<RoomServer, "writeAsServer">;
  readonly catalogue: Catalogue;
  readonly workFolder: string;
  /** True on the first start on this data folder: only then a project is made. */
  readonly freshStore: boolean;
  /** Owner of the project: the administrator. */
  readonly ownerId: string;
  /** Side of the Fourier grid: 2048 gives pictures of 1920 × 1536 px. Smaller for tests. */
  readonly gridPx: number;
  readonly seed: number;
  readonly report: Report;
}

const projectName = "Demonstration: sodiation of Sb on a nanowire";
const records = {
  objectId: "demo-wire-1",
  interfaceIds: { upper: "demo-upper-if", lower: "demo-lower-if" },
} as const;

interface Picture {
  readonly fileName: string;
  readonly request:
    | Omit<Extract<RenderRequest, { kind: "state" }>, "path">
    | Omit<Extract<RenderRequest, { kind: "diffraction" }>, "path">;
  readonly stateIndex: number;
}

/**
 * Fills a fresh store with the demonstration project: rendered here, brought in as any file is, some marks and words of
 * two people on it. Goes on where an earlier process was killed: what is already in the project is not made again.
 * A demonstration that was removed does not come back.
 */
export async function fillDemonstration(deps: DemonstrationDeps, signal: AbortSignal): Promise<void> {
  const projectId = await ensureProject(deps);
  if (projectId === null) return;
  const sources = await deps.ingest.catalogue.listSources(projectId);
  const present = new Set(sources.map(({ fileName }) => fileName));
  const missing = pictures(deps).filter(({ fileName }) => !present.has(fileName));
  if (missing.length === 0) return;

  const [people, seriesId] = await Promise.all([
    ensurePeople(deps, projectId),
    ensureSeries(deps, projectId),
  ]);
  await mkdir(deps.workFolder, { recursive: true });
  const worker = new Worker(new URL("./render-worker.ts", import.meta.url));
  const stop = () => void worker.terminate();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for (const picture of missing) {
      if (signal.aborted) return;
      await addPicture(deps, worker, picture, projectId, seriesId, people);
    }
  } catch (error) {
    if (!signal.aborted) deps.report("demonstration-failed", { error: String(error) });
  } finally {
    signal.removeEventListener("abort", stop);
    await worker.terminate();
  }
}

function pictures({ gridPx, seed }: DemonstrationDeps): Picture[] {
  const states = syntheticStates.map((state, stateIndex) => ({
    fileName: `wire-1_${String(stateIndex).padStart(2, "0")}_${state.id}.tif`,
    request: { kind: "state" as const, stateId: state.id, seed, gridPx },
    stateIndex,
  }));
  const diffraction = [0, 4].map((stateIndex) => ({
    fileName: `SAED_${syntheticStates[stateIndex]!.id}.tif`,
    request: {
      kind: "diffraction" as const,
      sodiation: syntheticStates[stateIndex]!.sodiation,
      seed,
      sidePx: gridPx / 2,
    },
    stateIndex,
  }));
  return [...states, ...diffraction];
}

/** The project's id, made where there is none; null where it was removed. */
async function ensureProject({
  catalogue,
  ownerId,
  rooms,
  freshStore,
}: DemonstrationDeps): Promise<string | null> {
  const existing = await catalogue.demoProject();
  if (existing) return existing.id;
  if (!freshStore) return null;
  const project = await catalogue.addProject({
    id: createRecordId(),
    name: projectName,
    ownerId,
    demo: true,
  });
  const room = formatRoomName({ kind: "shared", projectId: project.id });
  await rooms.writeAsServer(room, ownerId, (doc) => {
    for (const annotationClass of defaultClasses) putClass(doc, annotationClass);
    putObject(doc, { id: records.objectId, name: "wire 1" });
    for (const side of ["upper", "lower"] as const) {
      const name = `${side} Sb|TiN`;
      putInterface(doc, {
        id: records.interfaceIds[side],
        name,
        objectId: records.objectId,
        substrate: "TiN",
        film: "Sb",
      });
    }
  });
  return project.id;
}

interface People {
  readonly first: string;
  readonly second: string;
}

/** Two colleagues who cannot sign in: the authors of the marks. */
async function ensurePeople({ catalogue }: DemonstrationDeps, projectId: string): Promise<People> {
  const members = await catalogue.members(projectId, "in");
  const person = async (name: string) => {
    const known = members.find(({ principal }) => principal.name === name);
    if (known) return known.principal.id;
    const { id } = await catalogue.addPrincipal({ id: createRecordId(), kind: "person", name });
    await catalogue.putMembership({ projectId, principalId: id, role: "annotator", state: "in" });
    return id;
  };
  return { first: await person("Mei Tanaka (demo)"), second: await person("Jonas Weber (demo)") };
}

async function ensureSeries({ ingest }: DemonstrationDeps, projectId: string): Promise<string> {
  const [known] = await ingest.catalogue.listSeries(projectId);
  return known?.id ?? ingest.catalogue.addSeries(projectId, "In-situ sodiation", "wire 1");
}

async function addPicture(
  deps: DemonstrationDeps,
  worker: Worker,
  picture: Picture,
  projectId: string,
  seriesId: string,
  people: People,
): Promise<void> {
  const path = join(deps.workFolder, picture.fileName);
  worker.postMessage({ ...picture.request, path });
  const [{ truth }] = (await once(worker, "message")) as [RenderAnswer];
  const state = syntheticStates[picture.stateIndex]!;
  const isPicture = picture.request.kind === "state";
  const { sourceId } = await deps.ingest.ingestFile(path, {
    projectId,
    principalId: deps.ownerId,
    fileName: picture.fileName,
    name: isPicture ? state.label : `SAED, ${state.label}`,
    ...(isPicture && {
      seriesId,
      state: {
        label: state.label,
        order: picture.stateIndex,
        elapsedS: state.elapsedS,
        conditions: [],
        basis: "synthetic model",
      },
    }),
    ...(truth && {
      calibration: {
        state: "calibrated",
        unit: "nm",
        pixelSize: { x: truth.nmPerPx, y: truth.nmPerPx },
        rotationDeg: 0,
        relativeStandardUncertainty: { x: 0.005, y: 0.005 },
        source: { kind: "synthetic" },
        certified: true,
      } as const,
    }),
  });
  await rm(path, { force: true });
  await deps.ingest.settled(sourceId);
  const micrographId = (await deps.ingest.catalogue.source(sourceId))?.micrographs[0];
  if (!truth || !micrographId) return;
  const marks = demonstrationMarks(truth, demonstrationRecords());
  await addMarks(deps, micrographId, people.first, marks.first);
  await addMarks(deps, micrographId, people.second, marks.second);
  if (truth.state === "desodiated")
    await addConversation(deps, micrographId, people, truth.sides.upper.filmInner);
}

function demonstrationRecords(): DemonstrationRecords {
  const classOf = (role: string) => defaultClasses.find((c) => c.role === role)!.id;
  return { ...records, delaminationClassId: classOf("delamination"), damageClassId: classOf("damage") };
}

async function addMarks(
  { rooms }: DemonstrationDeps,
  micrographId: string,
  principalId: string,
  marks: readonly NewAnnotation[],
): Promise<void> {
  if (marks.length === 0) return;
  await rooms.writeAsServer(formatRoomName({ kind: "annotations", micrographId }), principalId, (doc) =>
    withAnnotations(doc, (document) => {
      for (const annotation of marks) document.execute({ type: "create", id: createRecordId(), annotation });
    }),
  );
}

async function addConversation(
  { rooms }: DemonstrationDeps,
  micrographId: string,
  people: People,
  film: readonly { readonly x: number; readonly y: number }[],
): Promise<void> {
  const place = film[Math.floor(film.length / 3)]!;
  const threadId = createRecordId();
  const say = (principalId: string, text: string, first: boolean) =>
    rooms.writeAsServer(formatRoomName({ kind: "record", micrographId }), principalId, (doc) =>
      putComment(doc, {
        id: first ? threadId : createRecordId(),
        threadId,
        annotationId: null,
        at: { x: place.x, y: place.y, frame: 0 },
        text,
        author: principalId,
        createdAt: new Date().toISOString(),
        editedAt: null,
        deleted: false,
      }),
    );
  await say(
    people.first,
    "The opening did not close on desodiation: it is ten times wider than in the fully sodiated state.",
    true,
  );
  await say(
    people.second,
    "Agreed for the upper side. On the lower side I see only short stretches; I have not traced them yet.",
    false,
  );
}
