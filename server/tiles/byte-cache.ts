/** Least recently used values by key, bounded by their size in bytes. */
export interface ByteCache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value, bytes: number): void;
  delete(key: string): void;
  readonly bytes: number;
  /** How often `get` found something, and how often not. */
  readonly hits: number;
  readonly misses: number;
}

export function createByteCache<Value>(limitBytes: number): ByteCache<Value> {
  // A Map keeps insertion order: the first entry is the one not used for longest.
  const entries = new Map<string, { readonly value: Value; readonly bytes: number }>();
  let total = 0;
  let hits = 0;
  let misses = 0;
  const drop = (key: string) => {
    const entry = entries.get(key);
    if (!entry) return;
    entries.delete(key);
    total -= entry.bytes;
  };
  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) {
        misses++;
        return undefined;
      }
      hits++;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, bytes) {
      drop(key);
      if (bytes > limitBytes) return;
      entries.set(key, { value, bytes });
      total += bytes;
      for (const oldest of entries.keys()) {
        if (total <= limitBytes) break;
        drop(oldest);
      }
    },
    delete: drop,
    get bytes() {
      return total;
    },
    get hits() {
      return hits;
    },
    get misses() {
      return misses;
    },
  };
}
