import { openFile } from "#core/formats/open-file.ts";
import type { OpenedFile } from "#core/formats/reader.ts";
import { codecsOfMachine } from "./codecs.ts";
import { type FileByteSource, fileReadAtNeed, openFileByteSource } from "./file-byte-source.ts";

/** A file for a worker to open: plain data that crosses to another process. */
export interface SourceLocation {
  readonly path: string;
  /** As uploaded; settles what bytes cannot. */
  readonly fileName: string;
  readonly limits: { readonly maxPixelsPerFrame: number; readonly maxImages: number };
  /** As the reader's context says it. */
  readonly asRecorded?: boolean;
  /** Files that belong to it by their names. */
  readonly sidecars?: readonly {
    readonly path: string;
    readonly fileName: string;
    /** One of many: opened for each read alone. */
    readonly ofMany?: boolean;
  }[];
}

/** Opens a file by its bytes. Dispose of the result to close the file. */
export async function openSource({
  path,
  fileName,
  limits,
  asRecorded = false,
  sidecars: beside = [],
}: SourceLocation): Promise<{ readonly file: OpenedFile } & AsyncDisposable> {
  const opened: FileByteSource[] = [];
  const open = async (place: string) => {
    const source = await openFileByteSource(place);
    opened.push(source);
    return source;
  };
  const close = async () => {
    for (const source of opened) await source.close();
  };
  try {
    const source = await open(path);
    const sidecars = [];
    for (const { path: at, fileName: name, ofMany } of beside)
      sidecars.push({ name, source: ofMany ? fileReadAtNeed(at) : await open(at) });
    const codecs = await codecsOfMachine();
    const file = await openFile(source, { fileName, codecs, sidecars, asRecorded, limits });
    return { file, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
