import { BinaryView } from "./binary-view.ts";
import { readColumnData } from "./column-data.ts";
import { FormatError } from "./reader.ts";

interface Known {
  readonly what: string;
  readonly looksSo: (head: Uint8Array, text: string, name: string) => boolean;
}

/** A class number, then x and y of at least four vertices in fractions of the picture's sides. */
const outlineOfFractions = /^\d{1,4}(?: (?:0|0?\.\d+|1(?:\.0+)?)){8,}\s/;

/** Files of a microscope's computer that hold no picture, told by their bytes. */
const known: readonly Known[] = [
  { what: "an EMSA/MAS spectrum", looksSo: (_, text) => /^#FORMAT\s*:\s*EMSA/i.test(text) },
  {
    what: "a Bruker spectrum (SPX)",
    looksSo: (_, text) => text.startsWith("<?xml") && text.includes("TRTSpectrum"),
  },
  { what: "a scan of diffraction patterns (BLO, 4-D data)", looksSo: (_, text) => text.startsWith("IMGBLO") },
  { what: "a PDF document", looksSo: (_, text) => text.startsWith("%PDF-") },
  {
    what: "a crystal structure (CIF)",
    looksSo: (_, text, name) => /\.cif$/i.test(name) && /^\s*(#|data_|loop_|_)/m.test(text),
  },
  {
    what: "an Office document",
    looksSo: (_, text, name) => /\.(docx|xlsx|pptx|odt|ods|odp)$/i.test(name) && text.startsWith("PK"),
  },
  {
    what: "a list of outlines for a detector in training (YOLO)",
    looksSo: (_, text) => outlineOfFractions.test(text),
  },
  { what: "a table of numbers", looksSo: (head, text) => isText(head) && holdsColumns(text) },
  {
    what: "a note",
    looksSo: (head, _, name) => /\.(txt|md|rtf|log)$/i.test(name) && isText(head),
  },
  { what: "an EDAX spectrum (SPC)", looksSo: (head, _, name) => /\.spc$/i.test(name) && edaxVersion(head) },
];

/** What people rename or pick by mistake, told by their bytes whatever their names say. */
const elsewhere: readonly (Known & { readonly isPicture?: true })[] = [
  { what: "a web page (HTML)", looksSo: (_, text) => /^\s*(<!doctype html|<html)/i.test(text) },
  {
    what: "a drawing (SVG)",
    looksSo: (_, text) => /^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<svg\b/is.test(text),
  },
  { what: "a GIF picture", looksSo: (_, text) => /^GIF8[79]a/.test(text), isPicture: true },
  {
    what: "a BMP picture",
    looksSo: (head, text) => text.startsWith("BM") && head[14] === 40,
    isPicture: true,
  },
  { what: "a WebP picture", looksSo: (_, text) => /^RIFF....WEBP/s.test(text), isPicture: true },
  {
    what: "an AVIF or HEIC photograph",
    looksSo: (_, text) => /^....ftyp(avif|avis|heic|heix|mif1|msf1)/s.test(text),
    isPicture: true,
  },
  { what: "a Photoshop picture", looksSo: (_, text) => text.startsWith("8BPS"), isPicture: true },
];

/** @throws FormatError when the bytes are of a known kind: "not-a-picture", or "unknown-format" for pictures that are not read */
export function refuseKnownNonPicture(head: Uint8Array, fileName: string): void {
  const text = Array.from(head.subarray(0, 2048), (b) => String.fromCharCode(b)).join("");
  const found = known.find((kind) => kind.looksSo(head, text, fileName));
  if (found)
    throw new FormatError(
      "not-a-picture",
      `This is ${found.what}, not a picture. Attach it to the micrograph it belongs to.`,
      { fileName },
    );
  const other = elsewhere.find((kind) => kind.looksSo(head, text, fileName));
  if (other?.isPicture)
    throw new FormatError(
      "unknown-format",
      `This is ${other.what}, which is not read. Export the picture as TIFF or PNG.`,
      { fileName },
    );
  if (other)
    throw new FormatError(
      "not-a-picture",
      `By its bytes this is ${other.what}, not a picture, whatever its name says. Hand in the picture itself, as TIFF or PNG.`,
      { fileName },
    );
}

function isText(head: Uint8Array): boolean {
  return head.length > 0 && head.every((byte) => byte === 9 || byte === 10 || byte === 13 || byte >= 32);
}

function holdsColumns(text: string): boolean {
  try {
    // The head may end within a number.
    return readColumnData(text.slice(0, Math.max(text.lastIndexOf("\n"), 0))).x.values.length >= 3;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return false;
  }
}

/** An EDAX spectrum begins with its version, a float near 0.6. */
function edaxVersion(head: Uint8Array): boolean {
  if (head.length < 4) return false;
  const version = new BinaryView(head, true).f32();
  return version > 0.5 && version < 2;
}
