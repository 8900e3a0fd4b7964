import type { ByteSource } from "./byte-source.ts";
import { requireGrid, requireRegion } from "./pixel-grid.ts";
import { FormatError, type OpenedFile, type ReaderContext, type SourceImage } from "./reader.ts";

/** A stack whose frames are files of their own: what is kept of it beside them. */
export interface FrameList {
  readonly format: "lamella-frames";
  readonly version: 1;
  readonly name: string;
  readonly frames: readonly { readonly fileName: string; readonly sha256: string }[];
  /** Seconds from the first frame; null where nobody knows. */
  readonly timesS: readonly number[] | null;
  readonly timesFrom: "tags" | "names" | null;
}

const opening = '{"format":"lamella-frames"';
const maxListBytes = 64 * 2 ** 20;
/** Frames kept open: reading goes from the top of one to its foot, then to the next. */
const keptOpen = 2;

export const frameListEnding = ".frames.json";

/** A list as its bytes, which its hash is taken from: the same frames in the same order are the same stack. */
export function frameListText(list: Omit<FrameList, "format" | "version">): string {
  const { name, frames, timesS, timesFrom } = list;
  return JSON.stringify({ format: "lamella-frames", version: 1, name, frames, timesS, timesFrom });
}

export function looksLikeFrameList(head: Uint8Array): boolean {
  return [...opening].every((character, i) => head[i] === character.charCodeAt(0));
}

/**
 * Opens a list of frames as one stack; its files are the sidecars, each named by its SHA-256. The first file says how
 * large, how deep and how calibrated the stack is, and every other must be the same. The parts of a TVIPS recording are
 * opened as the one recording they are.
 *
 * @param open opens one of the files
 * @throws FormatError "truncated" where a file is missing; "unsupported" where one is no single picture of the stack's grid
 */
export async function openFrameList(
  source: ByteSource,
  context: ReaderContext,
  open: (source: ByteSource, context: ReaderContext) => Promise<OpenedFile>,
): Promise<OpenedFile> {
  const list = await readList(source);
  const files = new Map(context.sidecars.map((sidecar) => [sidecar.name, sidecar.source]));
  const fileOf = (frame: number): ByteSource => {
    const { sha256, fileName } = list.frames[frame]!;
    const file = files.get(sha256);
    if (file) return file;
    throw new FormatError(
      "truncated",
      `The stack's file "${fileName}" is not there. A list of frames cannot be handed in by itself: hand in its files.`,
    );
  };
  if (/\.tvips$/i.test(list.frames[0]!.fileName)) {
    const parts = list.frames.slice(1).map(({ fileName }, i) => ({ name: fileName, source: fileOf(i + 1) }));
    return open(fileOf(0), { ...context, fileName: list.frames[0]!.fileName, sidecars: parts });
  }

  let hasOrientations = false;
  const opened = new Map<number, Promise<SourceImage>>();
  const imageOf = (frame: number): Promise<SourceImage> => {
    const known = opened.get(frame);
    if (known) return known;
    const { fileName } = list.frames[frame]!;
    const image = open(fileOf(frame), { ...context, fileName, sidecars: [] }).then((file) => {
      hasOrientations ||= file.format === "JPEG";
      return onlyPicture(file, fileName);
    });
    if (opened.size >= keptOpen) opened.delete(opened.keys().next().value!);
    opened.set(frame, image);
    image.catch(() => opened.delete(frame));
    return image;
  };

  const first = await imageOf(0);
  requireGrid(first.width, first.height, list.frames.length, context.limits);
  const { display, bitsPerSample, complex } = first;
  const image: SourceImage = {
    title: list.name,
    kind: first.kind,
    width: first.width,
    height: first.height,
    frames: list.frames.length,
    sampleType: first.sampleType,
    samplesPerPixel: first.samplesPerPixel,
    ...(complex === undefined ? {} : { complex }),
    ...(bitsPerSample === undefined ? {} : { bitsPerSample }),
    ...(display === undefined ? {} : { display }),
    calibration: first.calibration,
    acquisition: first.acquisition,
    flags: first.flags,
    // Any of the frames may ask to be turned, and not all of them are opened here.
    ...(hasOrientations && !context.asRecorded ? { followsOrientation: true } : {}),
    ...(list.timesS ? { frameTimesS: list.timesS } : {}),
    warnings: [
      ...first.warnings,
      ...(list.timesFrom === "names"
        ? ["The times of the frames are those of their folders' and files' names."]
        : []),
    ],
    async readRegion(frame, x, y, width, height) {
      requireRegion(image, frame, x, y, width, height);
      const own = await imageOf(frame);
      const difference = differenceFrom(first, own);
      if (difference)
        throw new FormatError("unsupported", `Frame ${frame + 1} of the stack is ${difference}.`);
      return own.readRegion(0, x, y, width, height);
    },
  };
  const tags = { frames: list.frames.length, first: list.frames[0]!.fileName, timesFrom: list.timesFrom };
  return { format: "Numbered frames", images: [image], others: [], tags };
}

/** What a picture has in common with every other of its stack. */
export type FrameGrid = Pick<SourceImage, "width" | "height" | "sampleType" | "samplesPerPixel" | "kind">;

/** "512 × 512 px where the first is 1024 × 1024 px"; null where both fit into one stack. */
export function differenceFrom(first: FrameGrid, other: FrameGrid): string | null {
  const sizeOf = ({ width, height }: FrameGrid) => `${width} × ${height} px`;
  const depthOf = ({ sampleType, samplesPerPixel }: FrameGrid) =>
    samplesPerPixel === 1 ? sampleType : `${sampleType} in ${samplesPerPixel} channels`;
  for (const words of [sizeOf, depthOf, ({ kind }: FrameGrid) => kind as string])
    if (words(first) !== words(other)) return `${words(other)} where the first is ${words(first)}`;
  return null;
}

/** @throws FormatError "unsupported" where a file holds several pictures, or a stack of its own */
export function onlyPicture(file: Pick<OpenedFile, "images">, fileName: string): SourceImage {
  const [image, second] = file.images;
  if (image && !second && image.frames === 1) return image;
  const held = !image ? "no picture" : second ? `${file.images.length} pictures` : `${image.frames} frames`;
  throw new FormatError("unsupported", `"${fileName}" holds ${held}; a frame of a stack is one picture.`);
}

async function readList(source: ByteSource): Promise<FrameList> {
  if (source.size > maxListBytes)
    throw new FormatError("too-large", `A list of frames of ${source.size} bytes is longer than is read.`);
  const malformed = new FormatError(
    "malformed",
    "The list of frames is damaged. Hand in the files of the frames again.",
  );
  let list: Partial<FrameList>;
  try {
    list = JSON.parse(new TextDecoder().decode(await source.read(0, source.size))) as Partial<FrameList>;
  } catch {
    throw malformed;
  }
  const { name, frames, timesS = null, timesFrom = null, version } = list;
  const sound =
    version === 1 &&
    typeof name === "string" &&
    Array.isArray(frames) &&
    frames.length > 0 &&
    frames.every(
      (frame) => typeof frame?.fileName === "string" && /^[0-9a-f]{64}$/.test(String(frame?.sha256)),
    ) &&
    (timesS === null ||
      (Array.isArray(timesS) && timesS.length === frames.length && timesS.every(Number.isFinite)));
  if (!sound) throw malformed;
  return { format: "lamella-frames", version: 1, name: name!, frames: frames!, timesS, timesFrom };
}
