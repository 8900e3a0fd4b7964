import type { Acquisition, Sourced } from "#core/micrograph/acquisition.ts";
import { plainPixels } from "#core/micrograph/content.ts";
import { BinaryView } from "./binary-view.ts";
import type { ByteSource } from "./byte-source.ts";
import { readStoredRegion, requireBytes, requireGrid, requireRegion } from "./pixel-grid.ts";
import {
  FormatError,
  type FormatReader,
  type OpenedFile,
  type ReaderContext,
  type SourceImage,
} from "./reader.ts";

const headerBytes = 256;
/** Counter, seconds, milliseconds: all that version 1 writes before a frame. */
const version1FrameHeaderBytes = 12;
/** Up to the stage's tilts: what is read of a version 2 frame header. */
const usedFrameHeaderBytes = 48;
const maxFrames = 1_000_000;
const continuation = /^(.*)_(\d{3,})\.tvips$/i;

interface Header {
  readonly version: number;
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly binning: readonly [x: number, y: number];
  /** Of the camera, as the recorder wrote it. */
  readonly pixelSize: number;
  readonly highTension: number;
  readonly magnification: number;
  readonly frameHeaderBytes: number;
}

interface FrameHeader {
  readonly counter: number;
  readonly timeS: number;
  /** 1 image, 2 diffraction; 0 where version 1 does not say. */
  readonly mode: number;
  readonly stageAlphaDeg: number | null;
  readonly stageBetaDeg: number | null;
}

/** Frames of one part of a recording: the first has the header before them. */
interface Part {
  readonly source: ByteSource;
  readonly start: number;
  readonly frames: number;
}

/**
 * Recordings of TVIPS cameras: a header, then each frame behind a small header of its own with its time. Long ones go on
 * in `name_001.tvips`, `name_002.tvips` … without a header, handed in as sidecars of `name_000.tvips`.
 *
 * The header's pixel size is the camera's in some versions and the specimen's in others, so it is told and not used: the
 * recording is uncalibrated. Source: the layout as LiberTEM and RosettaSciIO describe it (versions 1 and 2).
 */
export const tvipsReader: FormatReader = {
  id: "TVIPS",
  extensions: ["tvips"],
  sniff(head, fileName) {
    if (!/\.tvips$/i.test(fileName) || head.length < 8) return false;
    const view = new BinaryView(head, true);
    const [size, version] = [view.u32(), view.u32()];
    // A continuation begins with a frame: it is ours, and refused with what is missing.
    return (size === headerBytes && (version === 1 || version === 2)) || continuation.test(fileName);
  },
  open: openTvips,
};

async function openTvips(source: ByteSource, context: ReaderContext): Promise<OpenedFile> {
  const head = await source.read(0, Math.min(headerBytes, source.size));
  const header = readHeader(head, context.fileName);
  const { width, height, frameHeaderBytes } = header;
  requireGrid(width, height, 1, context.limits);
  const sampleType = header.bits === 8 ? "uint8" : "uint16";
  const rowBytes = width * (header.bits / 8);
  const recordBytes = frameHeaderBytes + rowBytes * height;
  const parts = partsOf(source, context, recordBytes);
  const frames = parts.reduce((sum, part) => sum + part.frames, 0);
  requireGrid(width, height, frames, context.limits);
  const at = (frame: number) => placeOf(parts, frame, recordBytes);

  const first = await readFrameHeader(at(0), header);
  const { times, warning } = await readTimes(frames, at, header);
  const image: SourceImage = {
    title: context.fileName,
    kind: first.mode === 2 ? "diffraction" : "image",
    width,
    height,
    frames,
    sampleType,
    samplesPerPixel: 1,
    calibration: {
      state: "uncalibrated",
      reason: `The recording names a pixel size of ${header.pixelSize} and a magnification of ${header.magnification}, and not whether the camera or the specimen is meant`,
    },
    acquisition: acquisitionOf(header, first),
    flags: plainPixels,
    ...(times ? { frameTimesS: times } : {}),
    warnings: warning ? [warning] : [],
    async readRegion(frame, x, y, w, h) {
      requireRegion(image, frame, x, y, w, h);
      const place = at(frame);
      return readStoredRegion(
        {
          ...{ source: place.source, width, rowBytes, sampleType, samplesPerPixel: 1, littleEndian: true },
          frameOffset: () => place.offset + frameHeaderBytes,
        },
        0,
        ...([x, y, w, h] as const),
      );
    },
  };
  return { format: "TVIPS", images: [image], others: [], tags: { ...header, parts: parts.length } };
}

function readHeader(head: Uint8Array, fileName: string): Header {
  const view = new BinaryView(head, true);
  const [size, version] = [view.u32(), view.u32()];
  if (size !== headerBytes || (version !== 1 && version !== 2))
    throw new FormatError(
      "malformed",
      `"${fileName}" has no header: it goes on from an earlier part of its recording. Hand it in together with the part that ends in _000.tvips.`,
    );
  const [width, height, bits] = [view.u32(), view.u32(), view.u32()];
  view.skip(8); // where on the camera the frame lay
  const binning = [view.u32(), view.u32()] as const;
  const [pixelSize, highTension, magnification, announced] = [view.u32(), view.u32(), view.u32(), view.u32()];
  if (bits !== 8 && bits !== 16)
    throw new FormatError(
      "unsupported",
      `Frames of ${bits} bits a pixel are not read; TVIPS recorders write 8 or 16. Export the recording as TIFF.`,
    );
  const frameHeaderBytes = version === 1 ? version1FrameHeaderBytes : announced;
  if (frameHeaderBytes < version1FrameHeaderBytes || frameHeaderBytes > 65_536)
    throw new FormatError(
      "malformed",
      `The header announces ${frameHeaderBytes} bytes before each frame, which cannot be. Copy the file again.`,
    );
  return { version, width, height, bits, binning, pixelSize, highTension, magnification, frameHeaderBytes };
}

/** The file itself, and the parts after it in the order of their numbers; none may be missing between. */
function partsOf(source: ByteSource, context: ReaderContext, recordBytes: number): readonly Part[] {
  const part = (name: string, bytes: ByteSource, start: number): Part => {
    const frames = (bytes.size - start) / recordBytes;
    if (!(Number.isInteger(frames) && frames <= maxFrames))
      throw new FormatError(
        "truncated",
        `"${name}" ends within a frame: ${bytes.size - start} bytes are no multiple of ${recordBytes}. Copy it again from the camera's computer.`,
      );
    return { source: bytes, start, frames };
  };
  const [, base, number] = continuation.exec(context.fileName) ?? [];
  const later = context.sidecars
    .flatMap(({ name, source: bytes }) => {
      const [, otherBase, otherNumber] = continuation.exec(name) ?? [];
      return otherBase !== undefined && otherBase === base
        ? [{ name, bytes, number: Number(otherNumber) }]
        : [];
    })
    .filter((other) => other.number > Number(number))
    .sort((a, b) => a.number - b.number);
  for (const [i, other] of later.entries())
    if (other.number !== Number(number) + i + 1)
      throw new FormatError(
        "truncated",
        `Of the recording "${base}" the part ${Number(number) + i + 1} is missing before "${other.name}". Hand in all of its parts.`,
      );
  return [part(context.fileName, source, headerBytes), ...later.map((o) => part(o.name, o.bytes, 0))];
}

function placeOf(parts: readonly Part[], frame: number, recordBytes: number) {
  let rest = frame;
  for (const { source, start, frames } of parts) {
    if (rest < frames) return { source, offset: start + rest * recordBytes };
    rest -= frames;
  }
  throw new FormatError("malformed", `The recording holds no frame ${frame}.`);
}

async function readFrameHeader(
  { source, offset }: { readonly source: ByteSource; readonly offset: number },
  { version, frameHeaderBytes }: Header,
): Promise<FrameHeader> {
  const length = Math.min(usedFrameHeaderBytes, frameHeaderBytes);
  requireBytes(source, offset + length, "The frame headers");
  const view = new BinaryView(await source.read(offset, length), true);
  const counter = view.u32();
  const timeS = view.u32() + view.u32() / 1000;
  if (version === 1 || length < usedFrameHeaderBytes)
    return { counter, timeS, mode: 0, stageAlphaDeg: null, stageBetaDeg: null };
  const mode = view.seek(24).u32();
  return { counter, timeS, mode, stageAlphaDeg: view.seek(40).f32(), stageBetaDeg: view.f32() };
}

/** Every frame's own time, where they rise; a clock that was set back during the recording tells nothing. */
async function readTimes(
  frames: number,
  at: (frame: number) => { readonly source: ByteSource; readonly offset: number },
  header: Header,
): Promise<{ readonly times?: readonly number[]; readonly warning?: string }> {
  const times: number[] = [];
  for (let frame = 0; frame < frames; frame++) {
    const { timeS } = await readFrameHeader(at(frame), header);
    if (frame === 0 && timeS === 0) return {};
    const sinceFirst = Math.round((timeS - (times[0] ?? timeS)) * 1000) / 1000;
    times.push(frame === 0 ? timeS : sinceFirst);
    if (frame > 0 && sinceFirst < (frame === 1 ? 0 : times[frame - 1]!))
      return {
        warning: `The camera's clock went back at frame ${frame + 1}: the frames are shown without times.`,
      };
  }
  times[0] = 0;
  return frames > 1 ? { times } : {};
}

function acquisitionOf(header: Header, first: FrameHeader): Acquisition {
  const from = <Value>(value: Value, path: string): Sourced<Value> => ({
    value,
    source: { kind: "tag", path: `TVIPS ${path}` },
  });
  const { highTension, magnification, binning } = header;
  const tilt = (degrees: number | null) =>
    degrees !== null && Number.isFinite(degrees) && Math.abs(degrees) <= 180 ? degrees : null;
  const [alpha, beta] = [tilt(first.stageAlphaDeg), tilt(first.stageBetaDeg)];
  return {
    mode: from("TEM", "recorder"),
    // Written in kilovolts by some versions and in volts by others: 200 or 200000.
    ...(highTension > 0
      ? { highTensionKv: from(highTension > 3000 ? highTension / 1000 : highTension, "IHT") }
      : {}),
    ...(magnification > 0 && first.mode !== 2 ? { magnification: from(magnification, "IMagTotal") } : {}),
    ...(binning[0] > 0 && binning[0] === binning[1] ? { binning: from(binning[0], "IXBin") } : {}),
    ...(alpha === null ? {} : { stageAlphaDeg: from(alpha, "stage alpha of frame 1") }),
    ...(beta === null ? {} : { stageBetaDeg: from(beta, "stage beta of frame 1") }),
    ...(first.timeS > 0
      ? { acquiredAt: from(new Date(first.timeS * 1000).toISOString(), "time of frame 1") }
      : {}),
  };
}
