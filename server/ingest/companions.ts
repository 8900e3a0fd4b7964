import { posix } from "node:path";

/** What a source is called and where it lay when it was uploaded. */
export interface PlacedFile {
  readonly id: string;
  readonly fileName: string;
  readonly relativePath?: string | undefined;
}

const documentName = /^(.+)\.emi$/i;
const seriesName = /^(.+)_(\d{1,6})\.ser$/i;

/** A TIA document: what it says belongs to the series of its name, which hold the pixels. */
export function isDocument({ fileName }: { readonly fileName: string }): boolean {
  return documentName.test(fileName);
}

export function isSeries({ fileName }: { readonly fileName: string }): boolean {
  return seriesName.test(fileName);
}

/** The series `name_1.ser`, `name_2.ser` … of a document `name.emi` in the same folder, by their numbers. */
export function seriesOf<File extends PlacedFile>(
  document: PlacedFile,
  all: readonly File[],
): readonly File[] {
  return all
    .filter((file) => belong(document, file))
    .sort((a, b) => seriesNumber(a) - seriesNumber(b) || (a.id < b.id ? -1 : 1));
}

/** The documents a series belongs to: one, or several when it was uploaded again. */
export function documentsOf<File extends PlacedFile>(
  series: PlacedFile,
  all: readonly File[],
): readonly File[] {
  return all.filter((file) => belong(file, series));
}

/** What a document and its series have in common: folder and name. Undefined for files of other kinds. */
export function companyOf(file: PlacedFile): string | undefined {
  const name = documentName.exec(file.fileName)?.[1] ?? seriesName.exec(file.fileName)?.[1];
  return name === undefined ? undefined : `${folderOf(file)}/${name}`;
}

/** 2 of "name_2.ser". */
export function seriesNumber(file: PlacedFile): number {
  return Number(seriesName.exec(file.fileName)?.[2]);
}

function belong(document: PlacedFile, series: PlacedFile): boolean {
  const name = documentName.exec(document.fileName)?.[1];
  const base = seriesName.exec(series.fileName)?.[1];
  return name !== undefined && name === base && folderOf(document) === folderOf(series);
}

/** Files that were dropped one by one lie in one place. */
const folderOf = ({ relativePath }: PlacedFile) =>
  relativePath ? posix.dirname(relativePath.replaceAll("\\", "/")).replace(/^\.\/?/, "") : "";
