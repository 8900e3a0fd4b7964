import sharp from "sharp";
import { dm3Reader, dm4Reader } from "#core/formats/dm.ts";
import { jpegReader } from "#core/formats/jpeg.ts";
import { mrcReader } from "#core/formats/mrc.ts";
import { pngReader } from "#core/formats/png.ts";
import { serReader } from "#core/formats/tia.ts";
import { tiffReader } from "#core/formats/tiff.ts";
import type { SampleType } from "#core/micrograph/raster.ts";
import { writeDm } from "#scripts/fixtures/dm-writer.ts";
import { writeMrc } from "#scripts/fixtures/mrc-writer.ts";
import { writePng } from "#scripts/fixtures/png-writer.ts";
import { type Picture, type TiffOptions, writeTiff } from "#scripts/fixtures/tiff-writer.ts";
import { type FormatFixture, formatReaderContract } from "../contracts/format-reader.ts";
import {
  bits,
  dm,
  grey8,
  grey16,
  height,
  jpegBytes,
  noise,
  picture,
  raw,
  ser,
  width,
} from "./tiny-pictures.ts";

const tiff = (name: string, content: Picture, options: TiffOptions): FormatFixture => ({
  name: `${name}.tif`,
  bytes: writeTiff([[content, options]]),
  frames: [content.data],
});

const twelveBit = ((): Picture => {
  const content = picture("uint16");
  return { ...content, data: content.data.map((v) => v >> 4) };
})();

/** Halves that cover normal, subnormal, negative and infinite values, by their own arithmetic: sign · 1.f · 2^e. */
const halfValues = Float32Array.from(
  { length: width * height },
  (_, i) => [0, 1, -2, 0.5, 65504, 2 ** -24, -(2 ** -14), Number.POSITIVE_INFINITY, 1 + 2 ** -10][i % 9]!,
);
const halfBits = Uint16Array.from(
  { length: width * height },
  (_, i) => [0, 0x3c00, 0xc000, 0x3800, 0x7bff, 0x0001, 0x8400, 0x7c00, 0x3c01][i % 9]!,
);

/** Smooth, so that JPEG changes little; larger than a tile, and no multiple of one. */
const jpegTiffs = await Promise.all(
  ([1, 3] as const).map(async (channels): Promise<FormatFixture> => {
    const [w, h] = [45, 35];
    const data = Uint8Array.from({ length: w * h * channels }, (_, i) => ((i / channels) % w) << 2);
    const bytes = await sharp(data, { raw: { width: w, height: h, channels } })
      .toColourspace(channels === 1 ? "b-w" : "srgb")
      .tiff({ compression: "jpeg", quality: 90, tile: true, tileWidth: 16, tileHeight: 16 })
      .toBuffer();
    const space = channels === 1 ? "b-w" : "srgb";
    const decoded = await sharp(bytes).toColourspace(space).raw().toBuffer();
    return { name: `jpeg tiles ${channels}.tif`, bytes: new Uint8Array(bytes), frames: [decoded] };
  }),
);

const integers = ["uint8", "int8", "uint16", "int16", "uint32", "int32"] as const;
formatReaderContract(tiffReader, [
  ...([...integers, "float32", "float64"] as const).flatMap((type) => [
    tiff(`${type} little-endian`, picture(type), { rowsPerStrip: 2 }),
    tiff(`${type} big-endian`, picture(type), { littleEndian: false, rowsPerStrip: 3 }),
  ]),
  ...([1, 2, 4] as const).map((count) =>
    tiff(`${count} bit`, bits(count), { packedBits: count, rowsPerStrip: 2 }),
  ),
  tiff("rgb", picture("uint8", 3), { rowsPerStrip: 2 }),
  tiff("rgb16 big-endian", picture("uint16", 3), { littleEndian: false }),
  tiff("rgba separate planes", picture("uint8", 4), { separatePlanes: true, rowsPerStrip: 2 }),
  ...(["packbits", "lzw", "deflate", "zstd"] as const).map((compression) =>
    tiff(compression, picture("uint16"), { compression, rowsPerStrip: 2 }),
  ),
  tiff("bigtiff tiles deflate", picture("uint16"), {
    big: true,
    tile: { width: 4, height: 3 },
    compression: "deflate",
  }),
  tiff("bigtiff big-endian tiles", picture("float32"), {
    big: true,
    littleEndian: false,
    tile: { width: 3, height: 2 },
  }),
  ...([true, false] as const).flatMap((littleEndian) => [
    tiff(`predictor 2 uint16 ${littleEndian}`, picture("uint16"), {
      littleEndian,
      compression: "lzw",
      predictor: 2,
    }),
    tiff(`predictor 2 int32 ${littleEndian}`, picture("int32"), {
      littleEndian,
      compression: "deflate",
      predictor: 2,
    }),
    tiff(`predictor 2 rgb ${littleEndian}`, picture("uint8", 3), {
      littleEndian,
      compression: "deflate",
      predictor: 2,
    }),
    tiff(`predictor 3 ${littleEndian}`, picture("float32"), {
      littleEndian,
      compression: "deflate",
      predictor: 3,
    }),
  ]),
  tiff("12 bit", twelveBit, { packedBits: 12, rowsPerStrip: 2 }),
  tiff("12 bit deflate big-endian", twelveBit, {
    packedBits: 12,
    compression: "deflate",
    littleEndian: false,
  }),
  ...([true, false] as const).map((littleEndian) => ({
    ...tiff(
      `half float ${littleEndian}`,
      { ...picture("uint16"), data: halfBits },
      { half: true, littleEndian },
    ),
    frames: [halfValues],
  })),
  tiff("bits lowest first", picture("uint16"), { reversedBits: true, rowsPerStrip: 2 }),
  tiff("1 bit lowest first", bits(1), { packedBits: 1, reversedBits: true }),
  tiff("deflate lowest first", picture("uint8"), { reversedBits: true, compression: "deflate" }),
  tiff("palette", bits(2), {
    packedBits: 2,
    photometric: 3,
    colourMap: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((v) => v * 5000),
  }),
  ...jpegTiffs,
  tiff("white is zero", picture("uint8"), { photometric: 0 }),
  {
    name: "pages and a reduced copy.tif",
    bytes: writeTiff([
      [picture("uint8"), {}],
      [{ ...picture("uint8"), width: 5, height: 7 }, { subfileType: 1 }],
      [bits(4), {}],
    ]),
    frames: [picture("uint8").data, bits(4).data],
  },
]);

const dmTypes = {
  int16: 1,
  float32: 2,
  uint8: 6,
  int32: 7,
  int8: 9,
  uint16: 10,
  uint32: 11,
  float64: 12,
} as const;
for (const [version, reader] of [
  [3, dm3Reader],
  [4, dm4Reader],
] as const)
  formatReaderContract(
    reader,
    Object.entries(dmTypes).map(([type, code]) => dm(version, type as SampleType, code)),
  );

/** Wide integers come as float64; these are all below 2^53. */
const wideValues = BigInt64Array.from(
  { length: width * height },
  (_, i) => BigInt(i - 17) * 2n ** 40n + BigInt(i),
);
formatReaderContract(dm4Reader, [
  {
    name: "int64.dm4",
    bytes: writeDm(4, [
      { name: "wide", dimensions: [width, height], dataType: 39, data: wideValues, calibrations: [] },
    ]),
    frames: [Float64Array.from(wideValues, Number)],
  },
]);

const mrc = (
  name: string,
  data: ReturnType<typeof noise>,
  options: Parameters<typeof writeMrc>[3],
): FormatFixture => ({
  name: `${name}.mrc`,
  bytes: writeMrc(data, width, height, options),
  frames: [data],
});
const complexInt16 = Int16Array.from({ length: 2 * width * height }, (_, i) => (i % 2 ? 4 : -3) * (i >> 1));
const complexFloat32 = Float32Array.from(complexInt16, (v) => v / 8);
/** Pairs of 3 : 4 have moduli of 5, exactly. */
const moduli = (pairs: Int16Array | Float32Array) =>
  Float32Array.from({ length: width * height }, (_, i) => (Math.abs(pairs[2 * i]!) / 3) * 5);
formatReaderContract(mrcReader, [
  mrc("int8", noise("int8"), { mode: 0 }),
  mrc("int16 big-endian", noise("int16"), { mode: 1, littleEndian: false }),
  mrc("float32", noise("float32"), { mode: 2 }),
  mrc("uint16 with extended header", noise("uint16"), { mode: 6, extendedBytes: 160 }),
  { ...mrc("complex int16", complexInt16, { mode: 3 }), frames: [moduli(complexInt16)] },
  {
    ...mrc("complex float32 big-endian", complexFloat32, { mode: 4, littleEndian: false }),
    frames: [moduli(complexFloat32)],
  },
  { ...mrc("half float", halfBits, { mode: 12 }), frames: [halfValues] },
  mrc("colour", noise("uint8", 3), { mode: 16 }),
  mrc("four bits", bits(4).data, { mode: 101 }),
]);

formatReaderContract(serReader, [
  ser("uint16 narrow", false, "uint16"),
  ser("int32 wide", true, "int32"),
  ser("float32 wide", true, "float32"),
]);

const rgba = noise("uint8", 4) as Uint8Array;
const pngs: FormatFixture[] = [
  {
    name: "grey8.png",
    bytes: await sharp(grey8, raw(1)).toColourspace("b-w").png().toBuffer(),
    frames: [grey8],
  },
  { name: "rgba.png", bytes: await sharp(rgba, raw(4)).png().toBuffer(), frames: [rgba] },
  {
    name: "rgba interlaced.png",
    bytes: await sharp(rgba, raw(4)).png({ progressive: true }).toBuffer(),
    frames: [rgba],
  },
  {
    name: "grey16.png",
    bytes: await sharp(grey16, raw(1)).toColourspace("grey16").png().toBuffer(),
    frames: [grey16],
  },
];
formatReaderContract(pngReader, [
  ...pngs.map((f) => ({ ...f, bytes: new Uint8Array(f.bytes) })),
  ...([1, 2, 4] as const).flatMap((depth) => {
    const { data } = bits(depth);
    const palette = Uint8Array.from({ length: 3 << depth }, (_, i) => i * 5);
    return [
      {
        name: `${depth} bit grey.png`,
        bytes: writePng(data, width, height, { depth, colourType: 0 }),
        frames: [data],
      },
      {
        name: `${depth} bit palette.png`,
        bytes: writePng(data, width, height, { depth, colourType: 3, palette }),
        frames: [data],
      },
    ];
  }),
  {
    name: "rgb16.png",
    bytes: writePng(noise("uint16", 3), width, height, { depth: 16, colourType: 2 }),
    frames: [noise("uint16", 3)],
  },
]);

const jpegPixels = await sharp(jpegBytes).toColourspace("b-w").raw().toBuffer();
formatReaderContract(jpegReader, [{ name: "grey.jpg", bytes: jpegBytes, frames: [jpegPixels] }]);
