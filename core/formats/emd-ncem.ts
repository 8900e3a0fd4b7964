import type { Acquisition, Sourced } from "#core/micrograph/acquisition.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import { plainPixels } from "#core/micrograph/content.ts";
import type { EmdContent } from "./emd.ts";
import type { Hdf5File } from "./hdf5.ts";
import { type HeldPicture, isComplex, pictureType, warningsOf } from "./hdf5-picture.ts";
import { calibrationFromAxes, lengthUnit } from "./length-unit.ts";
import { requireGrid } from "./pixel-grid.ts";
import { FormatError, type OpenedFile, type ReaderContext, type Tag } from "./reader.ts";

const maxDepth = 8;
/** Links may make circles: so many groups are looked into. */
const maxGroups = 10_000;
const maxAxis = 1 << 20;

interface Axis {
  readonly step: number;
  readonly unit: string;
  /** Why the step is no scale, where it is none. */
  readonly uneven?: string;
}

/**
 * Berkeley EMD: groups with `emd_group_type` 1 (version 0.2) or "array" (version 1.0, as py4DSTEM writes it) hold `data`
 * and an axis vector `dimK` for each of its dimensions, the first belonging to the slowest; K counts from 1 in version
 * 0.2 and from 0 in 1.0. Two dimensions are a picture, three a stack where the last two are lengths. Undefined
 * where the file has neither such a group nor the format's version.
 */
export function describeNcem(file: Hdf5File, context: ReaderContext): EmdContent | undefined {
  const groups = emdGroups(file);
  if (groups.length === 0 && file.attribute("/", "version_major") === undefined) return undefined;
  const pictures: HeldPicture[] = [];
  const others: OpenedFile["others"][number][] = [];
  for (const group of groups) {
    const path = `${group}/data`;
    if (file.kind(path) !== "dataset") continue;
    if (pictures.length >= context.limits.maxImages)
      throw new FormatError(
        "too-large",
        `The file holds more than ${context.limits.maxImages} pictures. Split it.`,
      );
    const dataset = file.dataset(path);
    const { shape } = dataset;
    const first = file.kind(`${group}/dim0`) ? 0 : 1;
    const axes = shape.map((_, i) => readAxis(file, `${group}/dim${i + first}`));
    const title = group.slice(1);
    const sampleType = pictureType(dataset);
    const kind = unshowable(shape, axes) ?? (sampleType ? undefined : `data set of ${dataset.type} values`);
    if (kind || !sampleType) {
      others.push({ title, kind: kind!, shape });
      continue;
    }
    const [height, width] = shape.slice(-2) as [number, number];
    const frames = shape.length === 3 ? shape[0]! : 1;
    requireGrid(width, height, frames, context.limits);
    const tag = `${group}/dim${first + shape.length - 2}, dim${first + shape.length - 1}`;
    const calibration = axisCalibration(axes.at(-1)!, axes.at(-2)!, tag);
    const times = frames > 1 && axes[0]!.unit === "s" ? axes[0]! : undefined;
    pictures.push({
      path,
      compressed: dataset.compressed,
      frameAxis: shape.length === 3 ? "first" : "none",
      about: {
        title,
        kind: calibration.state === "calibrated" && calibration.unit === "1/nm" ? "diffraction" : "image",
        width,
        height,
        frames,
        sampleType,
        ...(isComplex(dataset) ? { complex: true } : {}),
        calibration,
        acquisition: ncemAcquisition(file),
        flags: plainPixels,
        ...(times && !times.uneven && times.step > 0
          ? { frameTimesS: Array.from({ length: frames }, (_, i) => i * times.step) }
          : {}),
        warnings: [...warningsOf(dataset)],
      },
    });
  }
  return { pictures, others, tags: rootAttributes(file) };
}

function emdGroups(file: Hdf5File): string[] {
  const found: string[] = [];
  let looked = 0;
  const visit = (path: string, depth: number) => {
    if (depth > maxDepth || looked++ > maxGroups || file.kind(path || "/") !== "group") return;
    const type = file.attribute(path || "/", "emd_group_type");
    if (type === "array" || Number(type) === 1) found.push(path);
    else for (const name of file.members(path || "/")) visit(`${path}/${name}`, depth + 1);
  };
  visit("", 0);
  return found;
}

/** What the data are if they are no picture or stack of pictures. */
function unshowable(shape: readonly number[], axes: readonly Axis[]): string | undefined {
  if (axes.some(({ unit }) => /^\[?[kM]?_?eV\]?$/.test(unit)))
    return shape.length < 2 ? "spectrum" : "spectrum image";
  if (shape.length < 2 || shape.slice(1).every((n) => n === 1)) return "line profile";
  if (shape.length > 3) return `${shape.length}-D data set`;
  const [y, x] = axes.slice(-2).map(({ unit }) => lengthUnit(unit)?.unit);
  return shape.length === 3 && y !== x ? "3-D data set of unlike axes" : undefined;
}

/** An axis vector: whole, or only its first two values. */
function readAxis(file: Hdf5File, path: string): Axis {
  if (file.kind(path) !== "dataset") return { step: 0, unit: "", uneven: `${path} is missing` };
  const unit = String(file.attribute(path, "units") ?? "");
  const { shape, type } = file.dataset(path);
  const n = shape[0] ?? 0;
  if (shape.length !== 1 || n < 2 || n > maxAxis || type === "text" || type === "other")
    return { step: 0, unit, uneven: `${path} gives no step` };
  const values = file.read(path, [0], [n]);
  const step = values[1]! - values[0]!;
  const offBy = Math.abs(values[n - 1]! - values[0]! - step * (n - 1));
  return offBy <= Math.abs(step) * (0.5 + 1e-4 * n)
    ? { step, unit }
    : { step, unit, uneven: `${path} has no even steps` };
}

function axisCalibration(x: Axis, y: Axis, tag: string): Calibration {
  const uneven = x.uneven ?? y.uneven;
  if (uneven) return { state: "uncalibrated", reason: uneven };
  return calibrationFromAxes({ scale: x.step, unit: x.unit }, { scale: y.step, unit: y.unit }, tag);
}

/** The few values whose meaning the format's own writers agree on; everything else is among the tags. */
function ncemAcquisition(file: Hdf5File): Acquisition {
  const group = "/microscope";
  if (file.kind(group) !== "group") return {};
  const sourced = <Value>(value: Value, name: string): Sourced<Value> => ({
    value,
    source: { kind: "tag", path: `${group}@${name}` },
  });
  const positive = (name: string, factor: number) => {
    const value = Number(file.attribute(group, name) || Number.NaN) * factor;
    return value > 0 && Number.isFinite(value) ? sourced(value, name) : undefined;
  };
  const instrument = file.attribute(group, "name");
  const found = {
    highTensionKv: positive("high tension", 1e-3),
    magnification: positive("magnification", 1),
    dwellTimeUs: positive("dwell time", 1e6),
    instrument: typeof instrument === "string" && instrument ? sourced(instrument, "name") : undefined,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Acquisition;
}

function rootAttributes(file: Hdf5File): Tag {
  const groups = ["/", ...["microscope", "sample", "stage", "user", "comments"].map((name) => `/${name}`)];
  const present = groups.filter((path) => file.kind(path) === "group");
  const attributes = (path: string) =>
    file
      .attributeNames(path)
      .slice(0, 1000)
      .map((name) => [name, file.attribute(path, name) ?? null]);
  return Object.fromEntries(present.map((path) => [path, Object.fromEntries(attributes(path))])) as Tag;
}
