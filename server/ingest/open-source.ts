import { openFile } from "#core/formats/open-file.ts";
import type { OpenedFile } from "#core/formats/reader.ts";
import { nodeCodecs } from "./codecs.ts";
import { openFileByteSource } from "./file-byte-source.ts";

/** A file for a worker to open: plain data that crosses threads. */
export interface SourceLocation {
  readonly path: string;
  /** As uploaded; settles what bytes cannot. */
  readonly fileName: string;
  readonly limits: { readonly maxPixelsPerFrame: number; readonly maxImages: number };
}

/** Opens a file by its bytes. Dispose of the result to close the file. */
export async function openSource({
  path,
  fileName,
  limits,
}: SourceLocation): Promise<{ readonly file: OpenedFile } & AsyncDisposable> {
  const source = await openFileByteSource(path);
  try {
    const file = await openFile(source, { fileName, codecs: nodeCodecs, sidecars: [], limits });
    return { file, [Symbol.asyncDispose]: () => source.close() };
  } catch (error) {
    await source.close();
    throw error;
  }
}
