import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isDomainError } from "#core/errors/domain-error.ts";
import { openFile } from "#core/formats/open-file.ts";
import type { OpenedFile, SourceImage } from "#core/formats/reader.ts";
import { codecsOfMachine } from "#server/ingest/codecs.ts";
import { type FileByteSource, openFileByteSource } from "#server/ingest/file-byte-source.ts";

const limits = { maxPixelsPerFrame: 2 ** 31, maxImages: 10_000 };
const stripPixels = 1 << 22;

export interface Sample {
  readonly frame: number;
  readonly x: number;
  readonly y: number;
}

/**
 * What `info` prints for one file.
 *
 * @param path absolute
 * @param alive called while pixels are read
 */
export async function describeFile(
  file: string,
  path: string,
  stats: boolean,
  samples: readonly Sample[],
  alive: () => void = () => undefined,
) {
  const open: FileByteSource[] = [];
  const source = async (p: string) => {
    const opened = await openFileByteSource(p);
    open.push(opened);
    return opened;
  };
  try {
    const sidecars = [];
    for (const name of await sidecarNames(path))
      sidecars.push({ name, source: await source(join(dirname(path), name)) });
    const context = { fileName: basename(path), codecs: await codecsOfMachine(), sidecars, limits };
    const opened = await openFile(await source(path), context);
    const images = [];
    for (const image of opened.images) {
      alive();
      images.push(await describeImage(opened, image, stats, samples, alive));
    }
    return { file, ok: true, format: opened.format, images };
  } catch (error) {
    return { file, ok: false, error: refusal(error) };
  } finally {
    for (const opened of open) await opened.close();
  }
}

/** Files that belong to `path` by their names: a TIA document and its series. */
async function sidecarNames(path: string): Promise<string[]> {
  const name = basename(path);
  const document = /^(.*)\.emi$/i.exec(name)?.[1];
  const series = /^(.*)_\d+\.ser$/i.exec(name)?.[1];
  if (document === undefined && series === undefined) return [];
  const belongs = (other: string) =>
    document !== undefined
      ? other.startsWith(`${document}_`) && /^\d+\.ser$/i.test(other.slice(document.length + 1))
      : other.toLowerCase() === `${series}.emi`.toLowerCase();
  return (await readdir(dirname(path))).filter(belongs).sort();
}

async function describeImage(
  opened: OpenedFile,
  image: SourceImage,
  stats: boolean,
  samples: readonly Sample[],
  alive: () => void,
) {
  const { calibration } = image;
  const pixelSize =
    calibration.state === "calibrated"
      ? {
          x: calibration.pixelSize.x,
          y: calibration.pixelSize.y,
          unit: calibration.unit,
          source: calibration.source.kind === "file" ? calibration.source.tag : calibration.source.kind,
        }
      : null;
  return {
    title: image.title,
    kind: image.kind,
    width: image.width,
    height: image.height,
    frames: image.frames,
    dtype: dtypeName(opened.format, image),
    pixelSize,
    ...(stats ? { stats: await statisticsOf(image, alive) } : {}),
    ...(samples.length > 0 ? { samples: await readSamples(image, samples) } : {}),
  };
}

function dtypeName(format: string, image: SourceImage): string {
  if (image.samplesPerPixel === 1) return image.sampleType;
  if (format.startsWith("DM")) return `rgba(${image.sampleType})`;
  return `${image.sampleType} x ${image.samplesPerPixel} samples`;
}

/** Minimum, maximum and mean of every finite sample of every frame, strip by strip. */
async function statisticsOf(image: SourceImage, alive: () => void) {
  let [min, max, sum, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  const rows = Math.max(1, Math.floor(stripPixels / image.width));
  for (let frame = 0; frame < image.frames; frame++)
    for (let y = 0; y < image.height; y += rows) {
      const strip = await image.readRegion(frame, 0, y, image.width, Math.min(rows, image.height - y));
      alive();
      for (const value of strip.data) {
        if (!Number.isFinite(value)) continue;
        if (value < min) min = value;
        if (value > max) max = value;
        sum += value;
        count++;
      }
    }
  return count === 0 ? { min: null, max: null, mean: null } : { min, max, mean: sum / count };
}

async function readSamples(image: SourceImage, samples: readonly Sample[]) {
  const within = samples.filter((s) => s.frame < image.frames && s.x < image.width && s.y < image.height);
  const read = [];
  for (const { frame, x, y } of within) {
    const values = Array.from((await image.readRegion(frame, x, y, 1, 1)).data, jsonNumber);
    read.push({ frame, x, y, value: values.length === 1 ? values[0] : values });
  }
  return read;
}

/** JSON has no NaN and no infinity: they travel as text. */
const jsonNumber = (value: number) => (Number.isFinite(value) ? value : String(value));

function refusal(error: unknown): { code: string; message: string } {
  if (isDomainError(error)) return { code: error.code, message: error.message };
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === "ENOENT") return { code: "not-found", message: "There is no such file. Check the path." };
  if (code === "EISDIR") return { code: "not-a-file", message: "This is a folder. Name the files in it." };
  return { code: "internal", message: String(message) };
}
