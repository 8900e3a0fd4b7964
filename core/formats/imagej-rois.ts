import { BinaryView } from "./binary-view.ts";
import { cornersOf, ellipseIn, mostRecordedMarks, type RecordedMark } from "./recorded-mark.ts";

/** TIFF tags in which ImageJ keeps what it knows of a picture: sizes of the parts, and the parts. */
export const imageJTags = { byteCounts: 50838, metadata: 50839 } as const;

const shapes = {
  polygon: 0,
  rectangle: 1,
  oval: 2,
  line: 3,
  freeline: 4,
  polyline: 5,
  freehand: 7,
  traced: 8,
  angle: 9,
  point: 10,
} as const;
const subPixelOption = 128;
const textSubtype = 1;

/**
 * The active selection and the overlay that ImageJ wrote into a TIFF. Parts that are cut short or of another form are
 * passed over: the picture opens whatever they hold.
 * Source: ImageJ's documentation of its ROI format (IJMetadata parts "roi " and "over"; the Iout header, big-endian).
 *
 * @param littleEndian of the TIFF: the head of the metadata follows it, the regions themselves never do
 */
export function imageJRois(
  byteCounts: readonly number[],
  metadata: Uint8Array,
  littleEndian: boolean,
): readonly RecordedMark[] {
  const headBytes = byteCounts[0] ?? 0;
  if (headBytes < 12 || headBytes > metadata.length) return [];
  const head = new BinaryView(metadata.subarray(0, headBytes), littleEndian);
  if (partName(head) !== "IJIJ") return [];
  const kinds: string[] = [];
  for (let i = 4; i + 8 <= headBytes; i += 8) {
    const name = partName(head);
    const count = head.u32();
    for (let k = 0; k < count && kinds.length < byteCounts.length; k++) kinds.push(name);
  }
  const marks: RecordedMark[] = [];
  let offset = headBytes;
  for (const [i, kind] of kinds.entries()) {
    const size = byteCounts[i + 1] ?? 0;
    const part = metadata.subarray(offset, offset + size);
    offset += size;
    if ((kind !== "roi " && kind !== "over") || part.length < size || marks.length >= mostRecordedMarks)
      continue;
    try {
      const mark = readRoi(part, kind === "over" ? `ImageJ, overlay ${i}` : "ImageJ, selection");
      if (mark) marks.push(mark);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
  }
  return marks;
}

/** Four letters, written as a number in the file's own byte order. */
function partName(view: BinaryView): string {
  const code = view.u32();
  return String.fromCharCode(code >>> 24, (code >>> 16) & 255, (code >>> 8) & 255, code & 255);
}

function readRoi(bytes: Uint8Array, from: string): RecordedMark | undefined {
  if (bytes.length < 64 || new TextDecoder().decode(bytes.subarray(0, 4)) !== "Iout") return undefined;
  const at = (position: number) => new BinaryView(bytes, false).seek(position);
  const shape = at(6).u8();
  const view = at(8);
  const [top, left, bottom, right] = [view.i16(), view.i16(), view.i16(), view.i16()];
  const count = view.u16();
  const ends = at(18);
  const line = [ends.f32(), ends.f32(), ends.f32(), ends.f32()] as const;
  const subtype = at(48).u16();
  const options = at(50).u16();
  const position = at(56).u32();
  const header2 = at(60).u32();
  const label = readName(bytes, header2);
  const mark = (
    kind: RecordedMark["kind"],
    points: RecordedMark["points"],
    closed = false,
  ): RecordedMark => ({
    ...{ kind, closed, points, label, from },
    frame: position > 0 ? position - 1 : "all",
  });
  const vertices = () => readVertices(bytes, count, left, top, (options & subPixelOption) !== 0);
  if (shape === shapes.rectangle) {
    if (subtype === textSubtype) {
      const words = readText(bytes);
      return words === "" ? undefined : { ...mark("text", [[left, top]]), label: words };
    }
    return mark("region", cornersOf(left, top, right, bottom), true);
  }
  if (shape === shapes.oval) return mark("region", ellipseIn(left, top, right, bottom), true);
  if (shape === shapes.line)
    return mark("measurement-line", [
      [line[0], line[1]],
      [line[2], line[3]],
    ]);
  if (shape === shapes.polygon || shape === shapes.freehand || shape === shapes.traced)
    return mark("region", vertices(), true);
  if (shape === shapes.freeline || shape === shapes.polyline) return mark("interface-trace", vertices());
  // Of a handful of points ImageJ makes one selection; here the first stands for it, by its own name.
  if (shape === shapes.point && count === 1) return mark("point", vertices());
  return undefined;
}

function readVertices(
  bytes: Uint8Array,
  count: number,
  left: number,
  top: number,
  subPixel: boolean,
): readonly (readonly [number, number])[] {
  const view = new BinaryView(bytes, false).seek(64);
  const xs = Array.from({ length: count }, () => view.i16());
  const ys = Array.from({ length: count }, () => view.i16());
  if (!subPixel) return xs.map((x, i) => [left + x, top + ys[i]!]);
  const exactX = xs.map(() => view.f32());
  const exactY = ys.map(() => view.f32());
  return exactX.map((x, i) => [x, exactY[i]!]);
}

/** UTF-16 of a name that the second header points to. */
function readName(bytes: Uint8Array, header2: number): string {
  if (header2 === 0 || header2 + 24 > bytes.length) return "";
  const view = new BinaryView(bytes, false).seek(header2 + 16);
  const [offset, length] = [view.u32(), view.u32()];
  if (offset === 0 || length > 500 || offset + 2 * length > bytes.length) return "";
  const name = new BinaryView(bytes, false).seek(offset);
  return String.fromCharCode(...Array.from({ length }, () => name.u16())).trim();
}

/** Words of a text region: size and style of its letters, lengths of font name and words, then both in UTF-16. */
function readText(bytes: Uint8Array): string {
  const view = new BinaryView(bytes, false).seek(64 + 8);
  const [fontLength, length] = [view.u32(), view.u32()];
  if (fontLength > 200 || length > 10_000) return "";
  view.skip(2 * fontLength);
  return String.fromCharCode(...Array.from({ length }, () => view.u16())).trim();
}
