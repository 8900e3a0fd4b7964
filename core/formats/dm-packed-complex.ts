import type { Raster } from "#core/micrograph/raster.ts";
import { decodeOnce } from "./decode-once.ts";
import { modulus, readStoredRegion, type StoredGrid } from "./pixel-grid.ts";
import { FormatError } from "./reader.ts";

/**
 * How DigitalMicrograph stores the Fourier transform of a real picture, of which one half says all: A(−k) is the
 * conjugate of A(k). The plane has its zero frequency at (⌊width/2⌋, ⌊height/2⌋).
 *
 * "right half" (data types 27 and 28): every row holds ⌊width/2⌋ + 1 complex numbers, from the zero column rightwards;
 * of an even width the last one belongs to column 0.
 *
 * "tucked" (data type 5; 2N columns and 2M rows): every row holds N complex numbers, the columns N … 2N−1, but columns 0
 * and N share the place of column N: the first number of rows 1 … M−1 is that of column 0 in rows M+1 … 2M−1, of the later
 * rows it is that of column N; that of row 0 is a pair of reals, A(M, 0) and A(0, 0) as (row, column), that of row M
 * another, A(M, N) and A(0, N).
 *
 * Sources: for type 5 C. Boothroyd's description of the format, RosettaSciIO's reader (squares) and a Fortran converter
 * (rectangles), which agree in every index. For 27 and 28 RosettaSciIO's reader and the one file that is public. That
 * reader completes the plane within each row; a transform's symmetry is about the centre instead, and its users found
 * two quadrants exchanged. Which half 27 and 28 keep is published nowhere; the right one is taken, as in type 5, and a
 * warning says so.
 */
export type HalfPlane = "right half" | "tucked";

export const halfPlaneWarnings: Readonly<Record<HalfPlane, string>> = {
  "right half":
    "The file holds one half of a Fourier transform; the other was completed by symmetry. Which half DigitalMicrograph keeps is not published and is taken to be the right one: were it the left, the picture would be mirrored left to right.",
  tucked: "The file holds one half of a Fourier transform; the other was completed by symmetry.",
};

/**
 * Complex numbers that a row of the file has.
 *
 * @throws FormatError "unsupported" where nobody has described the layout: stacks, and of the tucked kind odd sides
 */
export function pairsPerRow(kind: HalfPlane, width: number, height: number, frames: number): number {
  if (frames !== 1)
    throw new FormatError(
      "unsupported",
      `A stack of ${frames} packed Fourier transforms is not read. Save its pictures one by one.`,
    );
  if (kind === "right half") return Math.floor(width / 2) + 1;
  if (width % 2 === 1 || height % 2 === 1)
    throw new FormatError(
      "unsupported",
      `A packed Fourier transform of ${width} × ${height} is not read: the layout is known of even sides only. Convert it to a complex image.`,
    );
  return width / 2;
}

/** A column of the region that is asked for, and the column of the file it comes from. */
interface Column {
  readonly at: number;
  readonly stored: number;
}

/**
 * Modulus of any rectangle of the whole plane, as float32. Reads the rows that are asked for and those they mirror.
 *
 * @param stored the half plane as it lies in the file: `pairsPerRow` pairs a row
 */
export function halfPlaneReader(stored: StoredGrid, kind: HalfPlane, width: number, height: number) {
  const [middle, centre] = [Math.floor(height / 2), Math.floor(width / 2)];
  const mirrored = (row: number) => (2 * middle - row + height) % height;
  const firstOfRows = decodeOnce(() => readStoredRegion(stored, 0, 0, 0, 1, height));

  const sourceOf = (column: number): "own row" | "mirrored row" | "first of rows" => {
    if (kind === "tucked" && (column === 0 || column === centre)) return "first of rows";
    return column >= centre || (column === 0 && width % 2 === 0) ? "own row" : "mirrored row";
  };

  /** Value of columns 0 and N of the tucked kind. */
  const guest = ({ data }: Raster, column: number, row: number): number => {
    const ofColumn0 = column === 0;
    if (row === 0) return Math.abs(data[2 * (ofColumn0 ? 0 : middle) + 1]!);
    if (row === middle) return Math.abs(data[2 * (ofColumn0 ? 0 : middle)]!);
    const below = row > middle ? row : mirrored(row);
    const at = ofColumn0 ? below - middle : below;
    return Math.hypot(data[2 * at]!, data[2 * at + 1]!);
  };

  return async (x: number, y: number, w: number, h: number): Promise<Raster> => {
    const data = new Float32Array(w * h);
    const columns = Array.from({ length: w }, (_, at) => ({ at, stored: Math.abs(x + at - centre) }));
    const from = (source: ReturnType<typeof sourceOf>) =>
      columns.filter(({ at }) => sourceOf(x + at) === source);

    /** Rows of the file, ascending, into rows of the region from `into` on by `step`. */
    const copy = async (taken: readonly Column[], row: number, rows: number, into: number, step: 1 | -1) => {
      if (taken.length === 0 || rows === 0) return;
      let [least, last] = [taken[0]!.stored, taken[0]!.stored];
      for (const column of taken) {
        least = Math.min(least, column.stored);
        last = Math.max(last, column.stored);
      }
      const part = modulus(await readStoredRegion(stored, 0, least, row, last - least + 1, rows));
      for (let i = 0; i < rows; i++)
        for (const { at, stored: k } of taken)
          data[(into + i * step) * w + at] = part.data[i * part.width + k - least]!;
    };

    await copy(from("own row"), y, h, 0, 1);
    // The rows that mirror a run of rows are a run as well, but for row 0 of an even height, which mirrors itself.
    const alone = y === 0 && height % 2 === 0 ? 1 : 0;
    await copy(from("mirrored row"), 0, alone, 0, 1);
    await copy(from("mirrored row"), mirrored(y + h - 1), h - alone, h - 1, -1);

    const guests = from("first of rows");
    if (guests.length > 0) {
      const first = await firstOfRows();
      for (const { at } of guests) for (let i = 0; i < h; i++) data[i * w + at] = guest(first, x + at, y + i);
    }
    return { width: w, height: h, samplesPerPixel: 1, sampleType: "float32", data };
  };
}
