import { type FileHandle, open } from "node:fs/promises";
import type { PyramidLevel } from "#core/pyramid/levels.ts";
import { createTileIndex, type TileIndex } from "./tile-index.ts";

/** Puts the tiles of a pyramid one after another into a new file; in any order, several at a time. */
export interface TileWriter {
  writeTile(level: number, column: number, row: number, bytes: Uint8Array): Promise<void>;
  /** Writes the trailer, and resolves when every byte is on disk. */
  finish(): Promise<void>;
  /** Closes without finishing; the file is the caller's to remove. */
  abandon(): Promise<void>;
}

export interface TileFileLayout {
  /** What stands before the first tile. */
  readonly header: Uint8Array;
  /** What follows the last one, and the header again, now that the trailer's place is known. */
  close(
    index: TileIndex,
    trailerOffset: number,
  ): { readonly header: Uint8Array; readonly trailer: Uint8Array };
}

export async function createTileWriter(
  path: string,
  levels: readonly PyramidLevel[],
  layout: TileFileLayout,
): Promise<TileWriter> {
  const file = await open(path, "w");
  const index = createTileIndex(levels);
  let end = layout.header.length;
  return {
    async writeTile(level, column, row, bytes) {
      const at = row * levels[level]!.columns + column;
      const offset = end;
      end += bytes.length + (bytes.length & 1); // TIFF wants even offsets
      index.levels[level]!.offsets[at] = offset;
      index.levels[level]!.lengths[at] = bytes.length;
      await writeAt(file, bytes, offset);
    },
    async finish() {
      const offset = Math.ceil(end / 8) * 8;
      const { header, trailer } = layout.close(index, offset);
      await writeAt(file, trailer, offset);
      await writeAt(file, header, 0);
      await file.sync();
      await file.close();
    },
    abandon: () => file.close(),
  };
}

async function writeAt(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
  }
}
