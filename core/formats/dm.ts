import { plainPixels } from "#core/micrograph/content.ts";
import { bytesPerSample } from "#core/micrograph/raster.ts";
import type { ByteSource } from "./byte-source.ts";
import { dmAcquisition } from "./dm-acquisition.ts";
import { dmAnnotations } from "./dm-annotations.ts";
import { type HalfPlane, halfPlaneReader, halfPlaneWarnings, pairsPerRow } from "./dm-packed-complex.ts";
import {
  type DmGroup,
  type DmTree,
  dmAt,
  dmChildren,
  dmNumber,
  dmText,
  dmToTag,
  isBlock,
  isGroup,
  readDmTags,
} from "./dm-tags.ts";
import { calibrationFromAxes } from "./length-unit.ts";
import {
  deliveredType,
  isWide,
  modulus,
  readStoredRegion,
  requireBytes,
  requireGrid,
  requireRegion,
  type StoredGrid,
  type StoredType,
  wideIntegersWarning,
} from "./pixel-grid.ts";
import {
  FormatError,
  type FormatReader,
  type OpenedFile,
  type ReaderContext,
  type SourceImage,
} from "./reader.ts";
import { isOnPicture } from "./recorded-mark.ts";

interface PixelForm {
  readonly stored: StoredType;
  readonly samples: 1 | 2 | 4;
  readonly delivers?: "modulus" | "rgba";
  /** One half of a Fourier transform. */
  readonly half?: HalfPlane;
}

/** DigitalMicrograph's data types. */
const forms: Readonly<Record<number, PixelForm>> = {
  1: { stored: "int16", samples: 1 },
  2: { stored: "float32", samples: 1 },
  3: { stored: "float32", samples: 2, delivers: "modulus" },
  5: { stored: "float32", samples: 2, delivers: "modulus", half: "tucked" },
  6: { stored: "uint8", samples: 1 },
  7: { stored: "int32", samples: 1 },
  9: { stored: "int8", samples: 1 },
  10: { stored: "uint16", samples: 1 },
  11: { stored: "uint32", samples: 1 },
  12: { stored: "float64", samples: 1 },
  13: { stored: "float64", samples: 2, delivers: "modulus" },
  14: { stored: "uint8", samples: 1 },
  23: { stored: "uint8", samples: 4, delivers: "rgba" },
  27: { stored: "float32", samples: 2, delivers: "modulus", half: "right half" },
  28: { stored: "float64", samples: 2, delivers: "modulus", half: "right half" },
  39: { stored: "int64", samples: 1 },
  40: { stored: "uint64", samples: 1 },
};

const dmFormat = (version: 3 | 4): FormatReader => ({
  id: `DM${version}`,
  extensions: [`dm${version}`],
  sniff: (head) =>
    head.length >= 16 &&
    head[0] === 0 &&
    head[1] === 0 &&
    head[2] === 0 &&
    head[3] === version &&
    // The byte-order word, 0 or 1, tells these from any other file that begins with a small number.
    [0, 1].includes(head[version === 4 ? 15 : 11]!) &&
    head[version === 4 ? 14 : 10] === 0,
  open: openDm,
});

/** DigitalMicrograph 3: images, stacks, complex and colour pictures; 32-bit lengths. */
export const dm3Reader = dmFormat(3);
/** DigitalMicrograph 4: as DM3 with 64-bit lengths. */
export const dm4Reader = dmFormat(4);

async function openDm(source: ByteSource, context: ReaderContext): Promise<OpenedFile> {
  const tree = await readDmTags(source);
  const list = dmAt(tree.root, "ImageList");
  if (!isGroup(list))
    throw new FormatError(
      "malformed",
      "The file has no ImageList, where DigitalMicrograph keeps its pictures. Save it again.",
    );
  const images: SourceImage[] = [];
  const others: { title: string; kind: string; shape: number[] }[] = [];
  const thumbnails = thumbnailIndices(tree.root, list);
  const marks = dmAnnotations(tree.root);
  for (const [i, entry] of dmChildren(list).entries()) {
    if (thumbnails.has(i) || !isGroup(entry) || !isBlock(dmAt(entry, "ImageData", "Data"))) continue;
    if (images.length >= context.limits.maxImages)
      throw new FormatError(
        "too-large",
        `The file holds more than ${context.limits.maxImages} pictures. Split it.`,
      );
    const title = dmText(entry, "Name") ?? context.fileName;
    const shape = dmChildren(dmAt(entry, "ImageData", "Dimensions")).filter((n) => typeof n === "number");
    const kind = unshowable(entry, shape);
    if (kind) others.push({ title, kind, shape: shape.toReversed() });
    else {
      const image = dmImage(source, tree, entry, title, shape, context);
      const recordedMarks = marks.get(i)?.filter((mark) => isOnPicture(mark, image.width, image.height));
      images.push(recordedMarks?.length ? { ...image, recordedMarks } : image);
    }
  }
  if (images.length === 0)
    throw new FormatError(
      "not-a-picture",
      others[0]
        ? `The file holds a ${others[0].kind} of ${others[0].shape.join(" × ")} and no picture. Attach it to the micrograph it belongs to.`
        : "The file holds no picture. Save the image window itself.",
    );
  return { format: `DM${tree.version}`, images, others, tags: dmToTag(tree.root) };
}

/** Images that only illustrate others: those Thumbnails names; without it those no source shows. */
function thumbnailIndices(root: DmGroup, list: DmGroup): ReadonlySet<number> {
  const count = list.children.size;
  const named = dmChildren(dmAt(root, "Thumbnails")).map((t) => dmNumber(t, "ImageIndex"));
  const thumbnails = new Set(named.filter((i) => i !== undefined));
  if (thumbnails.size > 0 && thumbnails.size < count) return thumbnails;
  const shown = new Set(dmChildren(dmAt(root, "ImageSourceList")).map((s) => dmNumber(s, "ImageRef")));
  const rest = Array.from({ length: count }, (_, i) => i).filter((i) => !shown.has(i));
  return new Set(rest.length < count ? rest : []);
}

const dimensionUnit = (entry: DmGroup, axis: number) =>
  dmText(dmChildren(dmAt(entry, "ImageData", "Calibrations", "Dimension"))[axis], "Units") ?? "";

/** What the data are if they are no picture or stack of pictures. */
function unshowable(entry: DmGroup, shape: readonly number[]): string | undefined {
  const hasEnergy = shape.some((_, axis) => /^[kM]?eV$/.test(dimensionUnit(entry, axis)));
  if (shape.length < 2 || shape.slice(1).every((n) => n === 1)) return "spectrum";
  if (hasEnergy) return shape.length === 2 ? "line of spectra" : "spectrum image";
  if (shape.length > 3) return `${shape.length}-D data set`;
  return undefined;
}

function dmImage(
  source: ByteSource,
  tree: DmTree,
  entry: DmGroup,
  title: string,
  shape: readonly number[],
  context: ReaderContext,
): SourceImage {
  const [width, height, frames] = [shape[0] ?? 0, shape[1] ?? 0, shape[2] ?? 1];
  requireGrid(width, height, frames, context.limits);
  const type = dmNumber(entry, "ImageData", "DataType") ?? -1;
  const form = forms[type];
  if (!form)
    throw new FormatError(
      "unsupported",
      `DigitalMicrograph data type ${type} is not read. Convert the image to a real 4-byte image.`,
    );
  const data = dmAt(entry, "ImageData", "Data");
  if (!isBlock(data)) throw new FormatError("malformed", "A picture has no data block. Save the file again.");
  const sampleBytes = bytesPerSample[deliveredType(form.stored)];
  const storedWidth = form.half ? pairsPerRow(form.half, width, height, frames) : width;
  const rowBytes = storedWidth * form.samples * sampleBytes;
  const [needed, held] = [rowBytes * height * frames, data.count * data.elementBytes];
  // Half a plane of another size is one that is packed in another way.
  if (form.half ? needed !== held : needed > held)
    throw new FormatError(
      "malformed",
      `${width} × ${height} × ${frames} pixels need ${needed} bytes, and ${held} are stored. Save the file again.`,
    );
  requireBytes(source, data.offset + needed, "The pixels");

  const grid: StoredGrid = {
    source,
    width: storedWidth,
    frameOffset: (frame) => data.offset + frame * rowBytes * height,
    rowBytes,
    sampleType: form.stored,
    samplesPerPixel: form.samples,
    littleEndian: tree.littleEndian,
  };
  const dimensions = dmChildren(dmAt(entry, "ImageData", "Calibrations", "Dimension"));
  const axis = (i: number) => ({
    scale: dmNumber(dimensions[i], "Scale") ?? 0,
    unit: dimensionUnit(entry, i),
  });
  const calibration = calibrationFromAxes(axis(0), axis(1), "ImageData.Calibrations.Dimension");
  const times = frameTimes(dimensions[2], dimensionUnit(entry, 2), frames);
  const readHalfPlane = form.half && halfPlaneReader(grid, form.half, width, height);
  const image: SourceImage = {
    title,
    kind: calibration.state === "calibrated" && calibration.unit === "1/nm" ? "diffraction" : "image",
    width,
    height,
    frames,
    sampleType: form.delivers === "modulus" ? "float32" : deliveredType(form.stored),
    samplesPerPixel: form.delivers === "rgba" ? 4 : 1,
    ...(form.delivers === "modulus" ? { complex: true } : {}),
    ...(type === 14 ? { bitsPerSample: 1 } : {}),
    calibration,
    acquisition: dmAcquisition(dmAt(entry, "ImageTags")),
    flags: plainPixels,
    ...(times ? { frameTimesS: times } : {}),
    warnings: [
      ...(isWide(form.stored) ? [wideIntegersWarning] : []),
      ...(form.half ? [halfPlaneWarnings[form.half]] : []),
    ],
    async readRegion(frame, x, y, w, h) {
      requireRegion(image, frame, x, y, w, h);
      if (readHalfPlane) return readHalfPlane(x, y, w, h);
      const raster = await readStoredRegion(grid, frame, x, y, w, h);
      if (form.delivers === "modulus") return modulus(raster);
      if (form.delivers === "rgba") swapRedAndBlue(raster.data as Uint8Array);
      return raster;
    },
  };
  return image;
}

/** A time axis in seconds, one value a frame; undefined where the third axis is not time. */
function frameTimes(dimension: unknown, unit: string, frames: number): number[] | undefined {
  const scale = dmNumber(dimension as DmGroup, "Scale");
  if (unit !== "s" || scale === undefined || scale <= 0 || frames < 2 || frames > 1e6) return undefined;
  return Array.from({ length: frames }, (_, i) => i * scale);
}

/** Colour is stored blue, green, red, alpha. */
function swapRedAndBlue(data: Uint8Array): void {
  for (let i = 0; i < data.length; i += 4) {
    const blue = data[i]!;
    data[i] = data[i + 2]!;
    data[i + 2] = blue;
  }
}
