import { bunzip2 } from "./bunzip2.ts";
import type { ByteSource } from "./byte-source.ts";
import { looksLikeFrameList, openFrameList } from "./frame-list.ts";
import { memoryByteSource } from "./memory-byte-source.ts";
import { refuseKnownNonPicture } from "./not-a-picture.ts";
import { FormatError, type FormatReader, type OpenedFile, type ReaderContext } from "./reader.ts";
import { readers } from "./readers.ts";

const headBytes = 4096;
/** Unpacked files live in memory, of which a reader has 1 GiB; larger ones are to be unpacked by their owner. */
const maxUnpackedBytes = 1 << 29;

/**
 * Opens a file by what its bytes are; its name settles only what they cannot. A wrapper of gzip or bzip2 is taken off first.
 *
 * @throws FormatError "unknown-format" with what the bytes look like; "not-a-picture" for spectra, tables and 4-D data;
 *   otherwise as the reader found
 */
export async function openFile(source: ByteSource, context: ReaderContext): Promise<OpenedFile> {
  if (source.size === 0)
    throw new FormatError("truncated", "The file is empty. Copy it again from the microscope's computer.");
  const head = await source.read(0, Math.min(headBytes, source.size));
  const wrapper = wrapperOf(head);
  if (wrapper) {
    const packed = await source.read(0, requireModest(source.size));
    const fileName = context.fileName.replace(/\.(gz|bz2)$/i, "");
    // What is inside is looked at first: a bomb is seldom a picture as well.
    requireReader(await unpackedHead(packed, wrapper, context), fileName, wrapper);
    const bytes =
      wrapper === "gzip"
        ? await context.codecs.gunzip(packed, maxUnpackedBytes)
        : bunzip2(packed, maxUnpackedBytes);
    return openFile(memoryByteSource(bytes), { ...context, fileName });
  }
  if (looksLikeFrameList(head)) return openFrameList(source, context, openFile);
  return requireReader(head, context.fileName).open(source, context);
}

async function unpackedHead(
  packed: Uint8Array,
  wrapper: Wrapper,
  { codecs }: ReaderContext,
): Promise<Uint8Array> {
  if (wrapper === "gzip") return codecs.gunzipHead(packed, headBytes);
  return bunzip2(packed, maxUnpackedBytes, headBytes).subarray(0, headBytes);
}

function requireReader(head: Uint8Array, fileName: string, wrapper?: Wrapper): FormatReader {
  if (wrapper && wrapperOf(head))
    throw new FormatError(
      "unsupported",
      `The file is ${wrapper} around another packed file. Unpack it once and hand it in again.`,
    );
  const reader = readers.find((candidate) => candidate.sniff(head, fileName));
  if (reader) return reader;
  refuseKnownNonPicture(head, fileName);
  const what = wrapper ? `what this ${wrapper} file holds: it` : "this file: it";
  throw new FormatError(
    "unknown-format",
    `No reader knows ${what} ${appearance(head)}. Read are DM3, DM4, MRC, SER with EMI, EMD, BCF, TVIPS, TIFF, PNG, JPEG and video; export it as one of these.`,
    { fileName },
  );
}

type Wrapper = "gzip" | "bzip2";

function wrapperOf(head: Uint8Array): Wrapper | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  const isBlockSize = head[3]! >= 0x31 && head[3]! <= 0x39;
  if (head[0] === 0x42 && head[1] === 0x5a && head[2] === 0x68 && isBlockSize) return "bzip2";
  return undefined;
}

function requireModest(size: number): number {
  if (size > maxUnpackedBytes)
    throw new FormatError(
      "too-large",
      `A packed file of ${size} bytes is too large to unpack here. Unpack it and hand in the result.`,
    );
  return size;
}

function appearance(head: Uint8Array): string {
  const printable = head.every((b) => b === 9 || b === 10 || b === 13 || (b >= 32 && b !== 127));
  const line = new TextDecoder().decode(head.subarray(0, 60)).split(/[\r\n]/)[0]!;
  if (printable && !line.slice(0, -1).includes("\ufffd") && line !== "\ufffd") {
    return `is text that begins "${line}"`;
  }
  const hex = [...head.subarray(0, 8)].map((b) => b.toString(16).padStart(2, "0")).join(" ");
  return `begins with the bytes ${hex}`;
}
