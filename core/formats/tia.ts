import type { Acquisition, Sourced } from "#core/micrograph/acquisition.ts";
import { plainPixels } from "#core/micrograph/content.ts";
import { bytesPerSample, type Raster, type SampleType } from "#core/micrograph/raster.ts";
import { BinaryView, latin1 } from "./binary-view.ts";
import type { ByteSource } from "./byte-source.ts";
import { signalKind } from "./dm-acquisition.ts";
import { calibrationFromSizes } from "./length-unit.ts";
import { modulus, readStoredRegion, requireBytes, requireGrid, requireRegion } from "./pixel-grid.ts";
import {
  FormatError,
  type FormatReader,
  type OpenedFile,
  type ReaderContext,
  type SourceImage,
} from "./reader.ts";

/**
 * TIA (ES Vision) series: each valid 2-D element is a frame; an aborted series announces more than it holds.
 * Stored rows run upwards and are delivered from the top.
 * Source: FEI's description of the TIA Series Data file format.
 */
export const serReader: FormatReader = {
  id: "TIA-SER",
  extensions: ["ser"],
  sniff: (head) => [0x49, 0x49, 0x97, 0x01].every((byte, i) => head[i] === byte),
  open: openSeries,
};

/** A TIA document: its pixels are in the `_1.ser`, `_2.ser` … of the same name, which must come with it. */
export const emiReader: FormatReader = {
  id: "TIA-EMI",
  extensions: ["emi"],
  sniff: (head) => [0x4a, 0x4b, 0x00, 0x02].every((byte, i) => head[i] === byte),
  open: openDocument,
};

const sampleTypes: Readonly<Record<number, SampleType>> = {
  1: "uint8",
  2: "uint16",
  3: "uint32",
  4: "int8",
  5: "int16",
  6: "int32",
  7: "float32",
  8: "float64",
  9: "float32",
  10: "float64",
};
const elementHeaderBytes = 50;
const maxElements = 1_000_000;

interface Element {
  readonly offset: number;
  readonly width: number;
  readonly height: number;
  readonly dataType: number;
  readonly sampleType: SampleType;
  readonly isComplex: boolean;
  readonly delta: { readonly x: number; readonly y: number };
  readonly timeS: number | undefined;
}

async function openSeries(source: ByteSource, context: ReaderContext): Promise<OpenedFile> {
  const head = new BinaryView(await source.read(0, Math.min(34, source.size)), true).skip(4);
  const [version, elementKind, tagKind, announced, valid] = [
    head.u16(),
    head.u32(),
    head.u32(),
    head.u32(),
    head.u32(),
  ];
  const wide = version >= 0x0220;
  const arrayOffset = wide ? head.u64() : head.u32();
  const dimensions = head.u32();
  if (elementKind === 0x4120)
    throw new FormatError(
      "not-a-picture",
      `The series holds ${valid} spectra or line profiles and no picture. Attach it to its micrograph.`,
    );
  if (elementKind !== 0x4122)
    throw new FormatError(
      "malformed",
      `A TIA series holds elements of kind 0x${elementKind.toString(16)}, expected 0x4122. Copy it again.`,
    );
  if (valid === 0)
    throw new FormatError("not-a-picture", "The series was stopped before its first picture was recorded.");
  if (valid > announced || announced > maxElements)
    throw new FormatError(
      "malformed",
      `A TIA series announces ${valid} valid of ${announced} elements. The file is damaged: copy it again.`,
    );

  const entryBytes = wide ? 8 : 4;
  const offsets = new BinaryView(await source.read(arrayOffset, announced * entryBytes * 2), true);
  const entry = () => (wide ? offsets.u64() : offsets.u32());
  const dataOffsets = Array.from({ length: valid }, entry);
  offsets.seek(announced * entryBytes);
  const tagOffsets = Array.from({ length: valid }, entry);
  const runs: Element[][] = [];
  for (const [i, offset] of dataOffsets.entries()) {
    const element = await readElement(source, offset, tagOffsets[i]!, context);
    const run = runs.at(-1);
    if (run && sameGrid(run[0]!, element)) run.push(element);
    else runs.push([element]);
    if (runs.length > context.limits.maxImages)
      throw new FormatError(
        "too-large",
        `The series holds more than ${context.limits.maxImages} sizes of picture. Split it.`,
      );
  }
  const text = await readDocument(context.sidecars.find((s) => /\.emi$/i.test(s.name))?.source);
  const document = labelsOf(text);
  const detector = detectorOf(text, context.fileName);
  const warnings =
    valid < announced ? [`The header announces ${announced} frames, ${valid} are recorded.`] : [];
  const images = runs.map((run, i) => {
    const title = runs.length > 1 ? `${context.fileName} part ${i + 1}` : context.fileName;
    return seriesImage(source, run, title, { labels: document, detector }, warnings);
  });
  return {
    format: "TIA-SER",
    images,
    others: [],
    tags: { version, tagKind, announced, valid, dimensions, document },
  };
}

async function readElement(
  source: ByteSource,
  offset: number,
  tagOffset: number,
  context: ReaderContext,
): Promise<Element> {
  const view = new BinaryView(await source.read(offset, elementHeaderBytes), true).skip(8);
  const x = view.f64();
  const y = view.skip(12).f64();
  const [dataType, width, height] = [view.skip(4).u16(), view.u32(), view.u32()];
  const sampleType = sampleTypes[dataType];
  if (!sampleType)
    throw new FormatError(
      "malformed",
      `A TIA element has data type ${dataType} of 1-10. The file is damaged.`,
    );
  requireGrid(width, height, 1, context.limits);
  const isComplex = dataType >= 9;
  const bytes = width * height * bytesPerSample[sampleType] * (isComplex ? 2 : 1);
  requireBytes(source, offset + elementHeaderBytes + bytes, "A frame's pixels");
  return {
    offset,
    width,
    height,
    dataType,
    sampleType,
    isComplex,
    delta: { x, y },
    timeS: await tagTime(source, tagOffset),
  };
}

/** Seconds since 1970, where the element's tag is a time. */
async function tagTime(source: ByteSource, offset: number): Promise<number | undefined> {
  if (!(offset > 0 && offset + 8 <= source.size)) return undefined;
  const view = new BinaryView(await source.read(offset, 8), true);
  const kind = view.u16();
  const seconds = view.skip(2).u32();
  return (kind === 0x4152 || kind === 0x4142) && seconds > 0 ? seconds : undefined;
}

const sameGrid = (a: Element, b: Element) =>
  a.width === b.width &&
  a.height === b.height &&
  a.dataType === b.dataType &&
  a.delta.x === b.delta.x &&
  a.delta.y === b.delta.y;

function seriesImage(
  source: ByteSource,
  elements: readonly Element[],
  title: string,
  document: DocumentFacts,
  warnings: readonly string[],
): SourceImage {
  const { width, height, sampleType, isComplex, delta } = elements[0]!;
  const samples = isComplex ? 2 : 1;
  // Metres, or reciprocal metres for patterns: no pixel of a microscope is a metre wide, and no pattern's below 1/m.
  const reciprocal = Math.abs(delta.x) > 1;
  const factor = reciprocal ? 1e-9 : 1e9;
  const unit = reciprocal ? "1/nm" : "nm";
  const times = elements.map((e) => e.timeS);
  const times0 = times[0];
  const known =
    times0 !== undefined && times.every((t) => t !== undefined && t >= times0) && times.length > 1;
  const image: SourceImage = {
    title,
    kind: reciprocal ? "diffraction" : "image",
    width,
    height,
    frames: elements.length,
    sampleType: isComplex ? "float32" : sampleType,
    samplesPerPixel: 1,
    ...(isComplex ? { complex: true } : {}),
    calibration: calibrationFromSizes(delta.x * factor, delta.y * factor, unit, "TIA CalibrationDeltaX"),
    acquisition: documentAcquisition(document, times0),
    flags: plainPixels,
    ...(known ? { frameTimesS: times.map((t) => t! - times0) } : {}),
    warnings,
    async readRegion(frame, x, y, w, h) {
      requireRegion(image, frame, x, y, w, h);
      const rowBytes = width * samples * bytesPerSample[sampleType];
      const frameOffset = (n: number) => elements[n]!.offset + elementHeaderBytes;
      const grid = {
        source,
        width,
        frameOffset,
        rowBytes,
        sampleType,
        samplesPerPixel: samples,
        littleEndian: true,
      } as const;
      const stored = await readStoredRegion(grid, frame, x, height - y - h, w, h);
      const raster = flipRows(stored);
      return isComplex ? modulus(raster) : raster;
    },
  };
  return image;
}

/** TIA's y points up: the first stored row is the lowest. Turned here, in place, so that row 0 is the top as everywhere. */
function flipRows(raster: Raster): Raster {
  const { data, height } = raster;
  const row = data.length / height;
  for (let a = 0, b = height - 1; a < b; a++, b--) {
    const kept = data.slice(a * row, (a + 1) * row);
    data.copyWithin(a * row, b * row, (b + 1) * row);
    data.set(kept, b * row);
  }
  return raster;
}

const maxDocumentBytes = 1 << 26;

/** A document is binary around its texts, with zero bytes in it: decoded byte by byte, none ends the text. */
async function readDocument(source: ByteSource | undefined): Promise<string> {
  if (!source || source.size > maxDocumentBytes) return "";
  return latin1((await source.read(0, source.size)).map((b) => b || 32));
}

/** The labelled values of a document's experiment description: "High tension" → "300 kV". */
function labelsOf(document: string): Readonly<Record<string, string>> {
  const labels = document.matchAll(
    /<Label>([^<]{1,100})<\/Label>\s*<Value>([^<]{0,200})<\/Value>\s*(?:<Unit>([^<]{0,20})<\/Unit>)?/g,
  );
  return Object.fromEntries([...labels].map((m) => [m[1]!, `${m[2]} ${m[3] ?? ""}`.trim()]));
}

/**
 * What a series was recorded with, from the display that it was recorded in: "Acquire DF4 Scanning Display1" stands
 * before the path of its file. The path's number counts, not its name: files are renamed, and so is their folder.
 */
function detectorOf(document: string, fileName: string): string | undefined {
  const number = /_(\d{1,6})\.ser$/i.exec(fileName)?.[1];
  let before = 0;
  for (const path of document.matchAll(/_(\d{1,6})\.ser/gi)) {
    const part = document.slice(before, path.index);
    before = path.index;
    if (Number(path[1]) !== Number(number ?? Number.NaN)) continue;
    const names = part.matchAll(
      /(?:Acquire|Preview|Search) ([A-Z][A-Za-z0-9]{0,11}) (?:Scanning|Image) Display/g,
    );
    return [...names].at(-1)?.[1];
  }
  return undefined;
}

interface DocumentFacts {
  readonly labels: Readonly<Record<string, string>>;
  readonly detector: string | undefined;
}

function documentAcquisition(
  { labels: document, detector }: DocumentFacts,
  timeS: number | undefined,
): Acquisition {
  const from = <Value>(value: Value, path: string): Sourced<Value> => ({
    value,
    source: { kind: "tag", path },
  });
  /** A label's number where it is written in the unit it usually has. */
  const measured = (label: string, unit: string, factor = 1) => {
    const [value, written] = (document[label] ?? "").split(" ");
    const number = Number.parseFloat(value ?? "") * factor;
    return written === unit && Number.isFinite(number) ? from(number, `EMI ${label}`) : undefined;
  };
  const positive = (label: string, unit: string, factor = 1) => {
    const found = measured(label, unit, factor);
    return found && found.value > 0 ? found : undefined;
  };
  const instrument = document.Microscope?.replace(/^Microscope /, "");
  const mode = /\b(STEM|TEM)\b/.exec(document.Mode ?? "")?.[1] as "STEM" | "TEM" | undefined;
  const signal = signalKind(detector);
  const found = {
    mode: mode && from(mode, "EMI Mode"),
    signal: signal && from(signal, "EMI display"),
    detector: detector ? from(detector, "EMI display") : undefined,
    highTensionKv: positive("High tension", "kV"),
    magnification: positive("Magnification", "x"),
    cameraLengthMm: mode === "STEM" ? positive("Camera length", "m", 1000) : undefined,
    defocusNm: mode === "TEM" ? measured("Defocus", "um", 1000) : undefined,
    stageAlphaDeg: measured("Stage A", "deg"),
    stageBetaDeg: measured("Stage B", "deg"),
    instrument: instrument ? from(instrument, "EMI Microscope") : undefined,
    acquiredAt: timeS === undefined ? undefined : from(new Date(timeS * 1000).toISOString(), "SER time tag"),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Acquisition;
}

async function openDocument(source: ByteSource, context: ReaderContext): Promise<OpenedFile> {
  const series = context.sidecars.filter((s) => /\.ser$/i.test(s.name));
  if (series.length === 0)
    throw new FormatError(
      "not-a-picture",
      "A TIA document (EMI) has its pixels in the .ser files of the same name. Hand them in together, or the .ser alone.",
    );
  const document = { name: context.fileName, source };
  const images: SourceImage[] = [];
  const others: OpenedFile["others"][number][] = [];
  let refusal: FormatError | undefined;
  for (const { name, source: pixels } of series)
    try {
      images.push(...(await openSeries(pixels, { ...context, fileName: name, sidecars: [document] })).images);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      refusal ??= error;
      others.push({ title: name, kind: error.message, shape: [] });
    }
  if (images.length === 0 && refusal) throw refusal;
  return { format: "TIA-EMI", images, others, tags: labelsOf(await readDocument(source)) };
}
