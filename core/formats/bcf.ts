import type { Acquisition, Sourced } from "#core/micrograph/acquisition.ts";
import { plainPixels } from "#core/micrograph/content.ts";
import { bytesPerSample, type Raster, type SampleType } from "#core/micrograph/raster.ts";
import { readContainer } from "./bruker-container.ts";
import type { ByteSource } from "./byte-source.ts";
import { decodeOnce } from "./decode-once.ts";
import { signalKind } from "./dm-acquisition.ts";
import { calibrationFromSizes } from "./length-unit.ts";
import { cropRaster, requireGrid, requireRegion, samplesInOrder } from "./pixel-grid.ts";
import {
  FormatError,
  type FormatReader,
  type OpenedFile,
  type ReaderContext,
  type SourceImage,
} from "./reader.ts";
import { readXml, type XmlElement, xmlAt, xmlNumber, xmlToTag } from "./xml-tree.ts";

/**
 * Bruker composite files: X-ray maps with the electron pictures taken beside them (HAADF, BSE, SE). The pictures are
 * read, the spectra listed.
 * Source: the layout of such files; sizes are in micrometres.
 */
export const bcfReader: FormatReader = {
  id: "BCF",
  extensions: ["bcf"],
  sniff: (head) => [...signature].every((letter, i) => head[i] === letter.charCodeAt(0)),
  open: openBcf,
};

const signature = "AAMVHFSS";
const sampleTypes: Readonly<Record<number, SampleType>> = { 1: "uint8", 2: "uint16", 4: "uint32" };

async function openBcf(source: ByteSource, context: ReaderContext): Promise<OpenedFile> {
  const files = await readContainer(source);
  const header = files.find((file) => file.name === "HeaderData");
  if (!header)
    throw new FormatError("malformed", "The Bruker file has no header (HeaderData). Copy it again.");
  const bytes = await header.read();
  if (String.fromCharCode(...bytes.subarray(0, 4)) === "AACS")
    throw new FormatError(
      "unsupported",
      "Compressed Bruker files are not read. Save it uncompressed in Esprit, or export its pictures as TIFF.",
    );
  const database = xmlAt(readXml(new TextDecoder("windows-1252").decode(bytes)), "TRTSpectrumDatabase");
  const data = instance(database, "TRTSpectrumDatabase");
  const microscope = instance(data, "TRTSEMData");
  const picture = instance(data, "TRTImageData");
  const planes = (picture?.children ?? []).filter(
    (child) => /^Plane\d+$/.test(child.name) && xmlNumber(child, "Valid") !== 0,
  );
  if (planes.length > context.limits.maxImages)
    throw new FormatError(
      "too-large",
      `The file holds more than ${context.limits.maxImages} pictures. Split it.`,
    );
  if (!picture || planes.length === 0)
    throw new FormatError(
      "not-a-picture",
      "The Bruker file holds spectra and no electron picture beside them.",
    );
  return {
    format: "BCF",
    images: planes.map((plane) => planeImage(picture, plane, microscope, context)),
    others: files
      .filter(({ name }) => name.startsWith("SpectrumData"))
      .map(({ name }) => ({ title: name, kind: "spectrum image", shape: mapShape(picture, data, name) })),
    tags: data ? xmlToTag(data) : null,
  };
}

/** The unnamed object of a class: named ones are what the program derived (counters, pixel times). */
function instance(parent: XmlElement | undefined, type: string): XmlElement | undefined {
  const all = (parent?.children ?? []).filter(
    (child) => child.name === "ClassInstance" && child.attributes.Type === type,
  );
  return type === "TRTImageData" ? all.find((child) => child.attributes.Name === undefined) : all[0];
}

function mapShape(picture: XmlElement, data: XmlElement | undefined, name: string): number[] {
  const spectrum = xmlAt(data, name, "ClassInstance");
  const channels = spectrum && xmlNumber(instance(spectrum, "TRTSpectrumHeader"), "ChannelCount");
  return [xmlNumber(picture, "Height"), xmlNumber(picture, "Width"), channels].filter((n) => n !== undefined);
}

function planeImage(
  picture: XmlElement,
  plane: XmlElement,
  microscope: XmlElement | undefined,
  context: ReaderContext,
): SourceImage {
  const [width, height] = [xmlNumber(picture, "Width") ?? 0, xmlNumber(picture, "Height") ?? 0];
  requireGrid(width, height, 1, context.limits);
  const itemBytes = xmlNumber(picture, "ItemSize") ?? 0;
  const sampleType = sampleTypes[itemBytes];
  if (!sampleType)
    throw new FormatError(
      "unsupported",
      `A Bruker picture of ${itemBytes} bytes a pixel is not read. Export it as TIFF.`,
    );
  const title = xmlAt(plane, "Description")?.text || plane.name;
  const base64 = xmlAt(plane, "Data")?.text ?? "";
  const bytes = width * height * bytesPerSample[sampleType];
  if (Math.floor((base64.length * 3) / 4) < bytes)
    throw new FormatError(
      "truncated",
      `The picture ${title} needs ${bytes} bytes, and fewer are stored. Copy the file again.`,
    );
  const whole = decodeOnce(async (): Promise<Raster> => {
    const data = samplesInOrder(sampleType, fromBase64(base64, bytes, title), true);
    return { width, height, samplesPerPixel: 1, sampleType, data };
  });
  const [xUm, yUm] = [xmlNumber(microscope, "DX") ?? 0, xmlNumber(microscope, "DY") ?? 0];
  const image: SourceImage = {
    title,
    kind: "image",
    width,
    height,
    frames: 1,
    sampleType,
    samplesPerPixel: 1,
    calibration: calibrationFromSizes(xUm * 1000, yUm * 1000, "nm", "TRTSEMData.DX, DY"),
    acquisition: acquisitionOf(microscope, title),
    flags: plainPixels,
    warnings: [],
    async readRegion(frame, x, y, w, h) {
      requireRegion(image, frame, x, y, w, h);
      return cropRaster(await whole(), x, y, w, h);
    },
  };
  return image;
}

function fromBase64(text: string, bytes: number, title: string): Uint8Array {
  let decoded: string;
  try {
    decoded = atob(text);
  } catch {
    throw new FormatError("malformed", `The pixels of ${title} are no base64. Copy the file again.`);
  }
  if (decoded.length < bytes)
    throw new FormatError(
      "truncated",
      `The picture ${title} needs ${bytes} bytes, and ${decoded.length} are stored. Copy the file again.`,
    );
  return Uint8Array.from({ length: bytes }, (_, i) => decoded.charCodeAt(i));
}

/** High tension in kV. Dates are written in the order of the computer's language and stay among the tags. */
function acquisitionOf(microscope: XmlElement | undefined, title: string): Acquisition {
  const from = <Value>(value: Value, path: string): Sourced<Value> => ({
    value,
    source: { kind: "tag", path },
  });
  const positive = (name: string) => {
    const value = xmlNumber(microscope, name);
    return value !== undefined && value > 0 ? from(value, `TRTSEMData.${name}`) : undefined;
  };
  const signal = signalKind(title);
  const found = {
    signal: signal && from(signal, "TRTImageData.Plane.Description"),
    highTensionKv: positive("HV"),
    magnification: positive("Mag"),
    detector: from(title, "TRTImageData.Plane.Description"),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Acquisition;
}
