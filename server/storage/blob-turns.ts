import type { BlobStore } from "./blob-store.ts";

const turnsOf = new WeakMap<BlobStore, Map<string, Promise<unknown>>>();

/**
 * One after the other for one key of a store: "is it there, then count on it" and "does nobody count on it, then remove
 * it" must not happen between each other's halves. A store has one process, so a turn in memory is enough.
 */
export async function inTurnForBlob<T>(blobs: BlobStore, key: string, work: () => Promise<T>): Promise<T> {
  let turns = turnsOf.get(blobs);
  if (!turns) turnsOf.set(blobs, (turns = new Map()));
  const mine = (turns.get(key) ?? Promise.resolve()).then(work);
  const settled = mine.catch(() => undefined);
  turns.set(key, settled);
  try {
    return await mine;
  } finally {
    if (turns.get(key) === settled) turns.delete(key);
  }
}
