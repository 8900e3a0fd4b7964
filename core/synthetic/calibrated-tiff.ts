/**
 * A 16-bit grey TIFF (little-endian, one strip, uncompressed) whose calibration Fiji, DigitalMicrograph's importers and
 * Lamella read: ImageJ's description with its unit, and resolution tags in pixels a unit.
 *
 * @param counts     row-major, width × height
 * @param pixelSize  in `unit` per px, > 0
 * Source: TIFF 6.0 (Adobe 1992); ImageJ's TiffEncoder conventions for "ImageJ=", "unit=".
 */
export function calibratedTiff(
  counts: Uint16Array,
  width: number,
  height: number,
  pixelSize: number,
  unit: "nm" | "1/nm",
  description: readonly string[] = [],
): Uint8Array {
  const text = new TextEncoder().encode(
    `${["ImageJ=1.54f", `unit=${unit}`, "images=1", ...description].join("\n")}\n\0`,
  );
  const denominator = 1_000_000;
  const entryCount = 12;
  const ifdOffset = 8;
  const textOffset = ifdOffset + 2 + entryCount * 12 + 4;
  const rationalOffset = textOffset + text.length + (text.length % 2);
  const dataOffset = rationalOffset + 16;
  const bytes = new Uint8Array(dataOffset + counts.length * 2);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0x4949, true);
  view.setUint16(2, 42, true);
  view.setUint32(4, ifdOffset, true);
  const [short, long, rational, ascii] = [3, 4, 5, 2];
  const entries: readonly (readonly [tag: number, type: number, count: number, value: number])[] = [
    [256, long, 1, width],
    [257, long, 1, height],
    [258, short, 1, 16],
    [259, short, 1, 1],
    [262, short, 1, 1],
    [270, ascii, text.length, textOffset],
    [273, long, 1, dataOffset],
    [277, short, 1, 1],
    [278, long, 1, height],
    [279, long, 1, counts.length * 2],
    [282, rational, 1, rationalOffset],
    [283, rational, 1, rationalOffset + 8],
  ];
  view.setUint16(ifdOffset, entries.length, true);
  entries.forEach(([tag, type, count, value], i) => {
    const at = ifdOffset + 2 + i * 12;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, count, true);
    if (type === short) view.setUint16(at + 8, value, true);
    else view.setUint32(at + 8, value, true);
  });
  bytes.set(text, textOffset);
  for (const at of [rationalOffset, rationalOffset + 8]) {
    view.setUint32(at, Math.round(denominator / pixelSize), true);
    view.setUint32(at + 4, denominator, true);
  }
  for (let i = 0; i < counts.length; i++) view.setUint16(dataOffset + 2 * i, counts[i]!, true);
  return bytes;
}
