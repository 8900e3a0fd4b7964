import type { ByteSource } from "#core/formats/byte-source.ts";
import type { Codecs } from "#core/formats/codecs.ts";
import { openFile } from "#core/formats/open-file.ts";
import { FormatError } from "#core/formats/reader.ts";
import type { BlobStore } from "#server/storage/blob-store.ts";
import type { OpenOriginal } from "#server/tiles/held-tiles.ts";
import { openFileByteSource } from "./file-byte-source.ts";
import type { SourceLocation } from "./open-source.ts";
import { type OriginalsInPlace, type PlaceRecord, requireUnchanged } from "./originals-in-place.ts";
import { originalKey } from "./read-source.ts";

interface OriginalsDeps {
  readonly blobs: Pick<BlobStore, "size" | "read">;
  readonly codecs: Codecs;
  readonly limits: SourceLocation["limits"];
  readonly inPlace: Pick<OriginalsInPlace, "locate">;
}

/**
 * Originals as the tiles of large pyramids are read from them: pieces of the stored bytes, wherever they lie, without
 * a copy of the file. Such a file was opened by a worker before; what it announced then is what is read here.
 */
export function createOriginals({ blobs, codecs, limits, inPlace }: OriginalsDeps): OpenOriginal {
  const sourceOf = async (sha256: string): Promise<ByteSource | undefined> => {
    const key = originalKey(sha256);
    const size = await blobs.size(key);
    if (size !== undefined) return boundedSource(size, (offset, length) => blobs.read(key, offset, length));
    const place = await inPlace.locate(sha256);
    return place && boundedSource(place.bytes, (offset, length) => readInPlace(place, offset, length));
  };
  return async (sha256) => {
    const source = await sourceOf(sha256);
    if (!source) return undefined;
    return openFile(source, { fileName: sha256, codecs, sidecars: [], limits });
  };
}

function boundedSource(
  size: number,
  read: (offset: number, length: number) => Promise<Uint8Array>,
): ByteSource {
  return {
    size,
    async read(offset, length) {
      // Checked before anything is allocated: lengths come from the file.
      if (!(offset >= 0 && length >= 0 && offset + length <= size)) throw endsBefore(offset, length, size);
      return read(offset, length);
    },
  };
}

/** A piece of a file that was not copied: opened for this piece alone, after a look whether it is still the same. */
async function readInPlace(place: PlaceRecord, offset: number, length: number): Promise<Uint8Array> {
  await requireUnchanged(place);
  const file = await openFileByteSource(place.path);
  try {
    return await file.read(offset, length);
  } finally {
    await file.close();
  }
}

function endsBefore(offset: number, length: number, size: number): FormatError {
  return new FormatError(
    "truncated",
    `The file ends at byte ${size}, but ${length} bytes at ${offset} were announced. Copy it again from the microscope's computer.`,
    { offset, length, size },
  );
}
