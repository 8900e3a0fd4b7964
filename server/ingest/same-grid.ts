import type { SameGridShape } from "#core/protocol/api/same-grid.ts";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import { documentsOf, isDocument, isSeries, seriesOf } from "./companions.ts";
import type { JointCatalogue } from "./joint-catalogue.ts";

type Known = Pick<JointCatalogue, "micrograph" | "source" | "sourceOptions" | "listSources" | "filesOf">;

/**
 * The other series of a document (TIA's .emi: BF and DF of one acquisition) whose pixels lie where this micrograph's
 * do: those that are signals of it, and those that are micrographs of their own because people had worked on both.
 */
export async function sameGridOf(catalogue: Known, micrographId: string): Promise<SameGridShape> {
  const joint = (await catalogue.filesOf(micrographId)) ?? [];
  const together = joint.map(({ signal, title, micrograph: { sourceId }, fileName }) => ({
    ...{ signal, title, sourceId, fileName },
  }));
  const members = new Set(joint.map(({ micrograph }) => micrograph.id));
  const { document, others } = await besides(catalogue, micrographId);
  return {
    together,
    document: together.length > 0 && document ? document : null,
    others: others.filter((other) => !members.has(other.micrographId)),
  };
}

/** The document that a micrograph's file belongs to, and the other micrographs on its grid that belong to it. */
async function besides(
  catalogue: Known,
  micrographId: string,
): Promise<Pick<SameGridShape, "document" | "others">> {
  const nothing = { document: null, others: [] };
  const own = await catalogue.micrograph(micrographId);
  const source = own && (await catalogue.source(own.sourceId));
  if (!own || !source || own.status !== "ready" || !isSeries(source)) return nothing;

  const companions = (await catalogue.listSources(own.projectId)).filter(
    (file) => isDocument(file) || isSeries(file),
  );
  const placed = await Promise.all(
    companions.map(async (file) => ({
      ...file,
      relativePath: (await catalogue.sourceOptions(file.id))?.options.relativePath,
    })),
  );
  const here = placed.find(({ id }) => id === source.id);
  const document = here && documentsOf(here, placed)[0];
  if (!document) return nothing;
  // A series that was uploaded again is the same signal once more, not another one.
  const series = seriesOf(document, placed).filter(({ fileName }) => fileName !== source.fileName);
  const others: SameGridShape["others"] = [];
  for (const id of series.flatMap(({ micrographs }) => micrographs)) {
    const other = await catalogue.micrograph(id);
    if (other?.status === "ready" && !other.signalOf && onSameGrid(own, other))
      others.push({ micrographId: id, name: other.name, document: document.fileName });
  }
  return { document: { sourceId: document.id, fileName: document.fileName }, others };
}

export type Grid = Pick<Micrograph, "width" | "height" | "frames" | "content" | "calibration">;

/** Size, frames, kind and calibration agree, as for signals of one file. */
export function onSameGrid(a: Grid, b: Grid): boolean {
  const sameSize = a.width === b.width && a.height === b.height && a.frames === b.frames;
  const sameKind = (a.content === "diffraction") === (b.content === "diffraction");
  return sameSize && sameKind && isSameCalibration(a.calibration, b.calibration);
}

/** What a person calibrated since says nothing of the grid the file was recorded on. */
function isSameCalibration(a: Grid["calibration"], b: Grid["calibration"]): boolean {
  if (isByPerson(a) || isByPerson(b)) return true;
  if (a.state !== "calibrated" || b.state !== "calibrated") return a.state === b.state;
  const scale = ({ unit, pixelSize, rotationDeg }: typeof a) => [unit, pixelSize.x, pixelSize.y, rotationDeg];
  return scale(a).every((value, i) => value === scale(b as typeof a)[i]);
}

export const isByPerson = (calibration: Grid["calibration"]) =>
  calibration.state === "calibrated" && calibration.source.kind === "person";
