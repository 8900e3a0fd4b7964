import type { BlobStore } from "#server/storage/blob-store.ts";
import { derivedKeys } from "./derived-keys.ts";

/** The palette a frame was recorded with, 256 RGB triples; from its summary, and kept for as long as the server runs. */
export function createPaletteReader(blobs: Pick<BlobStore, "size" | "read">) {
  const known = new Map<string, Uint8Array | undefined>();
  return async (derivation: string): Promise<Uint8Array | undefined> => {
    if (known.has(derivation)) return known.get(derivation);
    const key = derivedKeys.summary(derivation, 0);
    const bytes = await blobs.size(key);
    if (bytes === undefined) return undefined;
    const summary = JSON.parse(new TextDecoder().decode(await blobs.read(key, 0, bytes))) as {
      readonly palette?: readonly number[];
    };
    const palette = summary.palette && Uint8Array.from(summary.palette);
    if (known.size >= 4096) known.clear();
    known.set(derivation, palette);
    return palette;
  };
}
