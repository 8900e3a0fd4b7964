import type { InsertedVertex, Overlay } from "./outline-overlay.ts";
import { foldedKey, type RecordEntries } from "./record-layout.ts";

export interface StoredOverlay extends Overlay {
  /** Keys of single-vertex entries that were read; the folded ones are not among them. */
  readonly keys: readonly string[];
  /** A key whose value is neither a move, a removal nor an insertion. */
  readonly fault?: string;
}

/** One entry of `q`: [id, 0] removed, [id, x, y] moved, [id, leftId, fraction, x, y] inserted. */
type FoldedEntry = readonly number[];

/** The overlay of a record: what was folded, and over it the entries that have keys of their own. */
export function readOverlay(record: RecordEntries): StoredOverlay {
  const moves = new Map<number, readonly [number, number] | "removed">();
  const inserts = new Map<number, InsertedVertex>();
  const keys: string[] = [];
  let fault: string | undefined;
  const take = (id: number, kind: string, value: unknown): boolean => {
    if (kind === "v" && value === 0) moves.set(id, "removed");
    else if (kind === "v" && areIntegers(value, 2)) moves.set(id, [value[0]!, value[1]!]);
    else if (kind === "i" && areIntegers(value, 4))
      inserts.set(id, { leftId: value[0]!, fraction: value[1]!, x: value[2]!, y: value[3]! });
    else return false;
    return true;
  };
  const folded = record.get(foldedKey);
  if (folded !== undefined && !(Array.isArray(folded) && folded.every((entry) => takeFolded(entry, take))))
    fault = foldedKey;
  for (const key of record.keys()) {
    if (!/^[vi][0-9a-z]+$/.test(key)) continue;
    keys.push(key);
    if (!take(Number.parseInt(key.slice(1), 36), key[0]!, record.get(key))) fault = key;
  }
  return { moves, inserts, keys, ...(fault === undefined ? {} : { fault }) };
}

function takeFolded(entry: unknown, take: (id: number, kind: string, value: unknown) => boolean): boolean {
  if (!Array.isArray(entry)) return false;
  const [id, ...value] = entry as number[];
  if (!Number.isSafeInteger(id)) return false;
  return take(id!, value.length === 4 ? "i" : "v", value.length === 1 ? value[0] : value);
}

/** The value of `q` that says the same as the overlay. */
export function foldedEntries({ moves, inserts }: Overlay): FoldedEntry[] {
  return [
    ...[...inserts].map(([id, { leftId, fraction, x, y }]) => [id, leftId, fraction, x, y]),
    ...[...moves].map(([id, place]) => (place === "removed" ? [id, 0] : [id, ...place])),
  ];
}

function areIntegers(value: unknown, count: number): value is readonly number[] {
  return Array.isArray(value) && value.length === count && value.every(Number.isSafeInteger);
}
