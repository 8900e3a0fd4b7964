import { BinaryView } from "./binary-view.ts";
import type { ByteSource } from "./byte-source.ts";
import { requireBytes } from "./pixel-grid.ts";
import { FormatError } from "./reader.ts";

/** The picture of an AVI, and where each of its frames lies. */
export interface AviStream {
  readonly width: number;
  readonly height: number;
  /** Rows from the lowest up. */
  readonly bottomUp: boolean;
  readonly bits: number;
  /** Four letters; "" uncompressed. */
  readonly codec: string;
  /** null where the header gives no rate. */
  readonly secondsPerFrame: number | null;
  /** RGB triples, where the colours are no grey ramp. */
  readonly palette: Uint8Array | null;
  readonly frames: readonly { readonly offset: number; readonly length: number }[];
}

const maxFrames = 1_000_000;
const maxHeaderBytes = 1 << 24;
const nestingLimit = 4;

interface Found {
  stream?: Omit<AviStream, "frames">;
  /** Number of the first stream that is a picture. */
  streamNumber: number;
  streams: number;
  readonly frames: { offset: number; length: number }[];
}

/** Walks the chunks of all RIFF segments: the index at the end may be missing, damaged or in one of two forms. */
export async function readAviIndex(source: ByteSource): Promise<AviStream> {
  const found: Found = { streamNumber: -1, streams: 0, frames: [] };
  for (let at = 0; at + 12 <= source.size; ) {
    const view = new BinaryView(await source.read(at, 12), true);
    const [id, size, form] = [view.text(4), view.u32(), view.text(4)];
    if (id !== "RIFF" || (form !== "AVI " && form !== "AVIX")) break;
    requireBytes(source, at + 8 + size, "The AVI's frames");
    await walk(source, at + 12, at + 8 + size, found, 0);
    at += 8 + size + (size & 1);
  }
  if (!found.stream)
    throw new FormatError("malformed", "The AVI has no stream of pictures. Copy or record it again.");
  return { ...found.stream, frames: found.frames };
}

async function walk(
  source: ByteSource,
  from: number,
  to: number,
  found: Found,
  depth: number,
): Promise<void> {
  for (let at = from; at + 8 <= to; ) {
    const view = new BinaryView(await source.read(at, 8), true);
    const [id, size] = [view.text(4), view.u32()];
    const end = at + 8 + size;
    if (end > to)
      throw new FormatError(
        "truncated",
        `A part of the AVI ends at byte ${end}, beyond its list. Copy the file again.`,
      );
    if (id === "LIST") {
      const kind = size >= 4 ? new BinaryView(await source.read(at + 8, 4), true).text(4) : "";
      if (kind === "strl") await readStream(source, at + 12, end, found);
      else if (depth < nestingLimit && ["hdrl", "movi", "rec "].includes(kind))
        await walk(source, at + 12, end, found, depth + 1);
    } else if (/^\d\d(?:dc|db)$/.test(id) && Number(id.slice(0, 2)) === found.streamNumber) {
      const before = found.frames.at(-1);
      if (size > 0) found.frames.push({ offset: at + 8, length: size });
      else if (before) found.frames.push(before);
      if (found.frames.length > maxFrames)
        throw new FormatError(
          "too-large",
          `The AVI has more than ${maxFrames} frames. Cut it to what is needed.`,
        );
    }
    at = end + (size & 1);
  }
}

async function readStream(source: ByteSource, from: number, to: number, found: Found): Promise<void> {
  const number = found.streams++;
  const chunks = new Map<string, BinaryView>();
  if (to - from > maxHeaderBytes) return;
  for (let at = from; at + 8 <= to; ) {
    const view = new BinaryView(await source.read(at, 8), true);
    const [id, size] = [view.text(4), view.u32()];
    if (at + 8 + size > to) break;
    if (id === "strh" || id === "strf") chunks.set(id, new BinaryView(await source.read(at + 8, size), true));
    at += 8 + size + (size & 1);
  }
  const [header, format] = [chunks.get("strh"), chunks.get("strf")];
  if (!header || !format || found.stream || header.text(4) !== "vids") return;
  header.seek(20);
  const [scale, rate] = [header.u32(), header.u32()];
  format.seek(4);
  const [width, signedHeight] = [format.i32(), format.i32()];
  format.skip(2);
  const bits = format.u16();
  const codecBytes = format.take(4);
  const codec = codecBytes.every((b) => b === 0) ? "" : String.fromCharCode(...codecBytes);
  format.seek(32);
  const coloursUsed = format.u32();
  found.streamNumber = number;
  found.stream = {
    width,
    height: Math.abs(signedHeight),
    bottomUp: signedHeight > 0,
    bits,
    codec,
    secondsPerFrame: scale > 0 && rate > 0 ? scale / rate : null,
    palette: bits === 8 && codec === "" ? readPalette(format, coloursUsed) : null,
  };
}

/** Stored blue, green, red, nothing. A ramp from black to white is no palette, but grey. */
function readPalette(format: BinaryView, coloursUsed: number): Uint8Array | null {
  const colours = Math.min(coloursUsed || 256, 256, Math.floor((format.length - 40) / 4));
  if (colours <= 0) return null;
  const palette = new Uint8Array(colours * 3);
  format.seek(40);
  let isRamp = true;
  for (let i = 0; i < colours; i++) {
    const [blue, green, red] = format.take(4);
    palette.set([red!, green!, blue!], 3 * i);
    if (red !== i || green !== i || blue !== i) isRamp = false;
  }
  return isRamp ? null : palette;
}
