import { FormatError, type ReaderContext } from "./reader.ts";
import { undoDifferencing, undoFloatPredictor, unpackBits, unpackLzw } from "./tiff-decompress.ts";
import type { TiffPage } from "./tiff-page.ts";

/** A compressed strip or tile and what it must unpack to. */
export interface TiffChunk {
  readonly packed: Uint8Array;
  readonly rows: number;
  readonly rowBytes: number;
  /** Size of a full chunk: writers may pad the last strip to it, nothing may be larger. */
  readonly fullBytes: number;
  readonly channels: number;
}

/**
 * Unpacks a strip or tile and undoes its predictor.
 * @throws FormatError "truncated" when it yields fewer bytes than its rows need, "unsupported" for other compressions
 */
export async function decodeChunk(page: TiffPage, chunk: TiffChunk, context: ReaderContext) {
  const needed = chunk.rows * chunk.rowBytes;
  const unpacked = await unpack(page, chunk, context);
  if (unpacked.length < needed)
    throw new FormatError(
      "truncated",
      `A strip or tile unpacks to ${unpacked.length} bytes of ${needed}. The file is damaged: copy or save it again.`,
    );
  const bytes = unpacked.slice(0, needed);
  const sampleBytes = page.bits / 8;
  const { littleEndian } = page.directory;
  if (page.predictor === 1 || page.compression === 7) return { bytes, littleEndian };
  if (page.predictor === 2 && Number.isInteger(sampleBytes)) {
    undoDifferencing(bytes, chunk.rowBytes, chunk.channels, sampleBytes, littleEndian);
    return { bytes, littleEndian };
  }
  if (page.predictor === 3 && Number.isInteger(sampleBytes)) {
    undoFloatPredictor(bytes, chunk.rowBytes, chunk.channels, sampleBytes);
    return { bytes, littleEndian: false };
  }
  throw new FormatError(
    "unsupported",
    `TIFF predictor ${page.predictor} at ${page.bits} bits is not read. Save it without one.`,
  );
}

async function unpack(
  page: TiffPage,
  chunk: TiffChunk,
  { codecs, limits }: ReaderContext,
): Promise<Uint8Array> {
  const { packed, fullBytes } = chunk;
  switch (page.compression) {
    case 5:
      return unpackLzw(packed, fullBytes);
    case 7:
      return decodeJpeg(page, chunk, { codecs, limits });
    case 8:
    case 32946:
      return codecs.inflate(packed, fullBytes);
    case 32773:
      return unpackBits(packed, fullBytes);
    case 50000:
    case 34926:
      return codecs.unzstd(packed, fullBytes);
    default:
      throw new FormatError(
        "unsupported",
        `TIFF compression ${page.compression} is not read. Save it uncompressed, or with LZW, Deflate or Zstandard.`,
      );
  }
}

/** A JPEG stream of one strip or tile, with the tables that its pages share. */
async function decodeJpeg(
  page: TiffPage,
  chunk: TiffChunk,
  { codecs, limits }: Pick<ReaderContext, "codecs" | "limits">,
) {
  if (page.bits !== 8)
    throw new FormatError(
      "unsupported",
      `JPEG in TIFF of ${page.bits} bits is not read. Save it uncompressed.`,
    );
  const tables = await page.directory.bytes(347);
  const shared = tables.length > 4 ? tables.subarray(2, tables.length - 2) : new Uint8Array(0);
  // Without a mark decoders assume YCbCr for three components; the TIFF's photometric tag knows better.
  const adobe =
    chunk.channels === 3
      ? Uint8Array.of(
          0xff,
          0xee,
          0,
          14,
          0x41,
          0x64,
          0x6f,
          0x62,
          0x65,
          0,
          100,
          0,
          0,
          0,
          0,
          page.photometric === 2 ? 0 : 1,
        )
      : new Uint8Array(0);
  const stream = new Uint8Array(chunk.packed.length + shared.length + adobe.length);
  stream.set(chunk.packed.subarray(0, 2));
  stream.set(adobe, 2);
  stream.set(shared, 2 + adobe.length);
  stream.set(chunk.packed.subarray(2), 2 + adobe.length + shared.length);
  const raster = await codecs.decodeImage(stream, "jpeg", { maxPixels: limits.maxPixelsPerFrame });
  if (
    raster.width !== page.chunkWidth ||
    raster.samplesPerPixel !== chunk.channels ||
    !(raster.data instanceof Uint8Array)
  )
    throw new FormatError(
      "malformed",
      "A JPEG strip or tile has another size than its page announces. Save the file again.",
    );
  return raster.data;
}
