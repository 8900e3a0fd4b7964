import { plainPixels } from "#core/micrograph/content.ts";
import type { EmdContent } from "./emd.ts";
import { veloxAcquisition } from "./emd-velox-acquisition.ts";
import type { Hdf5File } from "./hdf5.ts";
import { type HeldPicture, isComplex, pictureType } from "./hdf5-picture.ts";
import { asGroup, type JsonGroup, jsonNumber, jsonText } from "./json-tree.ts";
import { calibrationFromAxes } from "./length-unit.ts";
import { requireGrid } from "./pixel-grid.ts";
import { FormatError, type OpenedFile, type ReaderContext, type Tag } from "./reader.ts";

const images = "/Data/Image";
const maxMetadataBytes = 1 << 20;
/** Each frame has its own 60 kB of metadata: reading more of them for their times would take longer than the frames. */
const maxTimedFrames = 2000;

/** Data below /Data that are no pictures, as people call them. */
const otherKinds: Readonly<Record<string, string>> = {
  SpectrumStream: "spectrum stream",
  SpectrumImage: "spectrum image",
  Spectrum: "spectrum",
  Line: "line profile",
  LineProfile: "line profile",
};

/**
 * Thermo Fisher Velox: every picture is a group below /Data/Image with `Data` [rows, columns, frames] and `Metadata`, a
 * column of JSON bytes a frame. Undefined where the file is not Velox'.
 */
export function describeVelox(file: Hdf5File, context: ReaderContext): EmdContent | undefined {
  const version = texts(file, "/Version")[0];
  const isVelox = jsonText(parsed(version), "format") === "Velox" || file.kind(images) === "group";
  if (!isVelox) return undefined;
  const pictures: HeldPicture[] = [];
  const others: OpenedFile["others"][number][] = [];
  const tags: Record<string, Tag> = { Version: parsed(version) ?? null };
  const labels = displayLabels(file);
  for (const id of membersOf(file, images)) {
    const group = `${images}/${id}`;
    const path = `${group}/Data`;
    if (file.kind(path) !== "dataset") continue;
    if (pictures.length >= context.limits.maxImages)
      throw new FormatError(
        "too-large",
        `The file holds more than ${context.limits.maxImages} pictures. Split it.`,
      );
    const dataset = file.dataset(path);
    const { shape } = dataset;
    const metadata = frameMetadata(file, group, 0);
    const title = labels.get(group) ?? jsonText(metadata, "BinaryResult", "Detector") ?? id;
    tags[id] = metadata ?? null;
    const sampleType = pictureType(dataset);
    if (!sampleType || shape.length !== 3) {
      others.push({ title, kind: "picture of coloured or compound pixels, which is not read,", shape });
      continue;
    }
    const [height, width, frames] = shape as [number, number, number];
    requireGrid(width, height, frames, context.limits);
    const calibration = veloxCalibration(metadata);
    const times = frameTimes(file, group, frames, metadata);
    pictures.push({
      path,
      compressed: dataset.compressed,
      frameAxis: "last",
      about: {
        title,
        kind: calibration.state === "calibrated" && calibration.unit === "1/nm" ? "diffraction" : "image",
        width,
        height,
        frames,
        sampleType,
        ...(isComplex(dataset) ? { complex: true } : {}),
        calibration,
        acquisition: veloxAcquisition(metadata),
        flags: plainPixels,
        ...(times ? { frameTimesS: times } : {}),
        warnings: metadata ? [] : ["The picture's metadata cannot be read: nothing is known but its pixels."],
      },
    });
  }
  for (const kind of membersOf(file, "/Data"))
    if (kind !== "Image" && kind !== "Text") others.push(...otherData(file, kind, context.limits.maxImages));
  return { pictures, others, tags };
}

function otherData(file: Hdf5File, kind: string, most: number): OpenedFile["others"][number][] {
  return membersOf(file, `/Data/${kind}`)
    .slice(0, most)
    .map((id) => ({ id, path: `/Data/${kind}/${id}/Data` }))
    .filter(({ path }) => file.kind(path) === "dataset")
    .map(({ id, path }) => ({ title: id, kind: otherKinds[kind] ?? kind, shape: file.dataset(path).shape }));
}

function veloxCalibration(metadata: JsonGroup | undefined) {
  const axis = (size: string, unit: string) => ({
    scale: jsonNumber(metadata, "BinaryResult", "PixelSize", size) ?? 0,
    unit: jsonText(metadata, "BinaryResult", unit) ?? "",
  });
  return calibrationFromAxes(
    axis("width", "PixelUnitX"),
    axis("height", "PixelUnitY"),
    "BinaryResult.PixelSize",
  );
}

/** Seconds from the first frame: the camera's own time stamps, or the scan's time a frame. */
function frameTimes(
  file: Hdf5File,
  group: string,
  frames: number,
  first: JsonGroup | undefined,
): number[] | undefined {
  if (frames < 2) return undefined;
  const start = timeStampS(first);
  if (start !== undefined && frames <= maxTimedFrames) {
    const times = Array.from({ length: frames }, (_, frame) => {
      const stamp = timeStampS(frameMetadata(file, group, frame));
      // Differences of microseconds since 1970 are exact to the microsecond only when rounded to it.
      return stamp === undefined ? Number.NaN : Math.round((stamp - start) * 1e6) / 1e6;
    });
    if (times.every((t, i) => t >= (times[i - 1] ?? 0))) return times;
  }
  const frameS = jsonNumber(first, "Scan", "FrameTime");
  const scanned = jsonNumber(first, "Scan", "ScanSize", "width");
  return frameS !== undefined && frameS > 0 && scanned !== undefined && scanned > 0
    ? Array.from({ length: frames }, (_, i) => i * frameS)
    : undefined;
}

function timeStampS(metadata: JsonGroup | undefined): number | undefined {
  const detector = jsonText(metadata, "BinaryResult", "Detector");
  const stampUs = jsonNumber(metadata, "CustomProperties", `Detectors[${detector}].TimeStamp`, "value");
  return stampUs === undefined ? undefined : stampUs / 1e6;
}

function frameMetadata(file: Hdf5File, group: string, frame: number): JsonGroup | undefined {
  const path = `${group}/Metadata`;
  if (file.kind(path) !== "dataset") return undefined;
  const { shape, type } = file.dataset(path);
  const [bytes, columns] = shape;
  if (type !== "uint8" || shape.length !== 2 || !(bytes! > 0 && bytes! <= maxMetadataBytes)) return undefined;
  if (frame >= columns!) return undefined;
  const column = file.read(path, [0, frame], [bytes!, 1]) as Uint8Array;
  const end = column.indexOf(0);
  return parsed(new TextDecoder().decode(end < 0 ? column : column.subarray(0, end)));
}

/** What Velox shows above each picture ("HAADF", "DCFI(Ceta)"), by the picture's path. */
function displayLabels(file: Hdf5File): ReadonlyMap<string, string> {
  const displays = "/Presentation/Displays/ImageDisplay";
  const labels = new Map<string, string>();
  for (const id of membersOf(file, displays)) {
    const display = parsed(texts(file, `${displays}/${id}`)[0]);
    const [path, label] = [jsonText(display, "dataPath"), jsonText(display, "display", "label")];
    if (path && label) labels.set(path, percentDecoded(label));
  }
  return labels;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const membersOf = (file: Hdf5File, group: string) =>
  file.kind(group) === "group" ? file.members(group) : [];

const texts = (file: Hdf5File, path: string) => (file.kind(path) === "dataset" ? file.texts(path) : []);

function parsed(json: string | undefined): JsonGroup | undefined {
  if (!json) return undefined;
  try {
    return asGroup(JSON.parse(json));
  } catch {
    return undefined; // damaged metadata do not cost the picture
  }
}
