import { type Calibration, calibrationFromFile } from "#core/micrograph/calibration.ts";
import { plainPixels } from "#core/micrograph/content.ts";
import type { SampleType } from "#core/micrograph/raster.ts";
import { BinaryView } from "./binary-view.ts";
import type { ByteSource } from "./byte-source.ts";
import {
  halvesToFloats,
  modulus,
  readStoredRegion,
  requireBytes,
  requireGrid,
  requireRegion,
  type StoredGrid,
} from "./pixel-grid.ts";
import {
  FormatError,
  type FormatReader,
  type OpenedFile,
  type ReaderContext,
  type SourceImage,
} from "./reader.ts";

const headerBytes = 1024;

interface Mode {
  readonly stored: SampleType;
  readonly samples: 1 | 2 | 3;
  readonly delivers?: "modulus" | "half" | "nibbles";
}

const modes: Readonly<Record<number, Mode>> = {
  0: { stored: "int8", samples: 1 },
  1: { stored: "int16", samples: 1 },
  2: { stored: "float32", samples: 1 },
  3: { stored: "int16", samples: 2, delivers: "modulus" },
  4: { stored: "float32", samples: 2, delivers: "modulus" },
  6: { stored: "uint16", samples: 1 },
  12: { stored: "uint16", samples: 1, delivers: "half" },
  16: { stored: "uint8", samples: 3 },
  101: { stored: "uint8", samples: 1, delivers: "nibbles" },
};

/**
 * MRC/CCP4 images and stacks: sections are frames, first stored row on top, no flip.
 * Source: MRC2014 (Cheng et al., J. Struct. Biol. 192, 146, 2015); IMOD's signed-byte flag and modes 16 and 101.
 */
export const mrcReader: FormatReader = {
  id: "MRC",
  extensions: ["mrc", "mrcs", "map", "rec", "st", "ali", "ccp4"],
  sniff(head, fileName) {
    if (head.length < 224) return false;
    if (head[208] === 0x4d && head[209] === 0x41 && head[210] === 0x50) return true; // "MAP"
    return (
      this.extensions.some((e) => fileName.toLowerCase().endsWith(`.${e}`)) && byteOrder(head) !== undefined
    );
  },
  open: openMrc,
};

/** Files before 2000 carry no byte-order stamp: the order in which mode and axes make sense is taken. */
function byteOrder(head: Uint8Array): boolean | undefined {
  const stamp = head[212];
  const plausible = (littleEndian: boolean) => {
    const view = new BinaryView(head, littleEndian);
    const size = [view.i32(), view.i32(), view.i32()];
    return size.every((n) => n > 0 && n < 1e6) && view.i32() in modes;
  };
  if (stamp === 0x44 && plausible(true)) return true;
  if (stamp === 0x11 && plausible(false)) return false;
  return [true, false].find(plausible);
}

async function openMrc(source: ByteSource, context: ReaderContext): Promise<OpenedFile> {
  const head = await source.read(0, headerBytes);
  const littleEndian = byteOrder(head);
  if (littleEndian === undefined)
    throw new FormatError(
      "malformed",
      "The MRC header has no size and pixel type that make sense in either byte order. The file is damaged or not an MRC: export it again.",
    );
  const view = new BinaryView(head, littleEndian);
  const [width, height, frames, mode] = [view.i32(), view.i32(), view.i32(), view.i32()];
  view.skip(12);
  const intervals = [view.i32(), view.i32(), view.i32()];
  const cellAngstrom = [view.f32(), view.f32(), view.f32()];
  view.skip(12);
  const axes = [view.i32(), view.i32(), view.i32()];
  const [minimum, maximum, mean, spaceGroup, extendedBytes] = [
    view.f32(),
    view.f32(),
    view.f32(),
    view.i32(),
    view.i32(),
  ];
  const extendedType = view.seek(104).text(4).trim();
  const signedBytes = signedByteFlag(view);
  const labels = Array.from({ length: Math.min(10, Math.max(0, view.seek(220).i32())) }, (_, i) =>
    view
      .seek(224 + 80 * i)
      .text(80)
      .trim(),
  );
  const form = modes[mode];
  if (!form)
    throw new FormatError(
      "unsupported",
      `MRC mode ${mode} is not read. Export as mode 1, 2 or 6 (int16, float32, uint16).`,
    );
  requireGrid(width, height, frames, context.limits);
  if (extendedBytes < 0)
    throw new FormatError(
      "malformed",
      `The extended header announces ${extendedBytes} bytes. The file is damaged.`,
    );

  // A range that signed bytes cannot have: written by a program older than the convention, and without IMOD's stamp.
  const unsignedByRange = mode === 0 && signedBytes && minimum >= 0 && maximum > 127 && maximum <= 255;
  const stored: SampleType = mode === 0 && (!signedBytes || unsignedByRange) ? "uint8" : form.stored;
  const sampleBytes = stored === "uint8" || stored === "int8" ? 1 : stored === "float32" ? 4 : 2;
  const rowBytes = form.delivers === "nibbles" ? Math.ceil(width / 2) : width * form.samples * sampleBytes;
  const dataOffset = headerBytes + extendedBytes;
  requireBytes(source, dataOffset + rowBytes * height * frames, "The sections");

  const grid: StoredGrid = {
    source,
    width,
    frameOffset: (frame) => dataOffset + frame * rowBytes * height,
    rowBytes,
    sampleType: stored,
    samplesPerPixel: form.samples,
    littleEndian,
  };
  const float = form.delivers === "modulus" || form.delivers === "half";
  const { calibration, warnings } = cellCalibration(axes, intervals, cellAngstrom);
  const image: SourceImage = {
    title: labels[0] || context.fileName,
    kind: "image",
    width,
    height,
    frames,
    sampleType: float ? "float32" : stored,
    samplesPerPixel: form.samples === 3 ? 3 : 1,
    ...(form.delivers === "modulus" ? { complex: true } : {}),
    ...(form.delivers === "nibbles" ? { bitsPerSample: 4 } : {}),
    calibration,
    acquisition: {},
    flags: plainPixels,
    warnings: unsignedByRange
      ? [...warnings, `Bytes are read as unsigned: the header gives their range as ${minimum} to ${maximum}.`]
      : warnings,
    async readRegion(frame, x, y, w, h) {
      requireRegion(image, frame, x, y, w, h);
      if (form.delivers === "nibbles") return readNibbles(grid, frame, x, y, w, h);
      const raster = await readStoredRegion(grid, frame, x, y, w, h);
      if (form.delivers === "modulus") return modulus(raster);
      return form.delivers === "half" ? halvesToFloats(raster) : raster;
    },
  };
  const tags = {
    mode,
    intervals,
    cellAngstrom,
    axes,
    minimum,
    maximum,
    mean,
    spaceGroup,
    extendedBytes,
    extendedType,
    labels,
  };
  return { format: "MRC", images: [image], others: [], tags };
}

/** MRC2014 bytes are signed; IMOD's stamp with its first flag cleared says they are not. */
function signedByteFlag(view: BinaryView): boolean {
  const imodStamp = view.seek(152).i32();
  const imodFlags = view.i32();
  return imodStamp !== 1146047817 || (imodFlags & 1) === 1;
}

/** Columns run along cell axis MAPC, rows along MAPR; a cell that is not positive is no calibration. */
function cellCalibration(
  axes: readonly number[],
  intervals: readonly number[],
  cellAngstrom: readonly number[],
) {
  const order = axes.every((a) => a === 0) ? [1, 2, 3] : axes;
  const warnings: string[] = [];
  const none = (reason: string) => ({
    calibration: { state: "uncalibrated", reason } satisfies Calibration,
    warnings,
  });
  if ([...order].sort().join() !== "1,2,3") return none(`The header maps its axes as ${order.join(", ")}`);
  const sizeNm = (axis: number) => cellAngstrom[axis - 1]! / intervals[axis - 1]! / 10;
  const [x, y] = [sizeNm(order[0]!), sizeNm(order[1]!)];
  if (!(x > 0 && y > 0 && Number.isFinite(x) && Number.isFinite(y)))
    return none(`The header's cell of ${cellAngstrom.join(" × ")} Å gives no pixel size`);
  if (x === 0.1 && y === 0.1)
    warnings.push(
      "The header says exactly 1 Å per pixel, which programs also write when they do not know: check it.",
    );
  return { calibration: calibrationFromFile(x, y, "nm", "MRC header: CELLA / MX, MY"), warnings };
}

/** Mode 101: two pixels a byte, the low half first, rows padded to whole bytes. */
async function readNibbles(
  grid: StoredGrid,
  frame: number,
  x: number,
  y: number,
  width: number,
  height: number,
) {
  const start = grid.frameOffset(frame) + y * grid.rowBytes;
  const rows = await grid.source.read(start, grid.rowBytes * height);
  const data = new Uint8Array(width * height);
  for (let row = 0; row < height; row++)
    for (let i = 0; i < width; i++) {
      const pair = rows[row * grid.rowBytes + ((x + i) >> 1)]!;
      data[row * width + i] = (x + i) & 1 ? pair >> 4 : pair & 15;
    }
  return { width, height, samplesPerPixel: 1, sampleType: "uint8", data } as const;
}
