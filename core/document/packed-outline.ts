import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { DocumentError } from "./document-error.ts";

/** Stored coordinates are integers: 64 to an image pixel. */
export const unitsPerPx = 64;

/** A vertex as it is stored: coordinates in 1/64 px. A removed one stays as a tombstone, so that edits naming it still apply. */
export interface StoredVertex {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly removed: boolean;
}

export interface StoredRing {
  readonly closed: boolean;
  readonly hole: boolean;
  readonly vertices: readonly StoredVertex[];
}

/** Image px to stored units, to the nearest 1/64 px. */
export function toStored(px: number): number {
  return Math.round(px * unitsPerPx);
}

export function toPx(stored: number): number {
  return stored / unitsPerPx;
}

const explicitIds = 1;
const hasRemoved = 2;
const versionShift = 2;
const newestVersion = 0;

/**
 * Bytes of an outline (SPEC A5): varUint flags (bit 0: ids follow; bit 1: tombstones follow; above: version 0),
 * varUint rings; per ring varUint (vertices << 2 | hole << 1 | closed), then varInt dx, dy per vertex from the vertex
 * before (the first from the origin, later rings from the last vertex of the ring before); then ids as runs
 * (varUint start, varUint length) unless they are 0 … n-1; then tombstones (varUint count, varUint index steps).
 */
export function packOutline(rings: readonly StoredRing[]): Uint8Array {
  const vertices = rings.flatMap((ring) => ring.vertices);
  const fresh = vertices.every((vertex, index) => vertex.id === index);
  const removed = vertices.flatMap((vertex, index) => (vertex.removed ? [index] : []));
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, (fresh ? 0 : explicitIds) | (removed.length ? hasRemoved : 0));
  encoding.writeVarUint(encoder, rings.length);
  let x = 0;
  let y = 0;
  for (const ring of rings) {
    encoding.writeVarUint(encoder, ring.vertices.length * 4 + (ring.hole ? 2 : 0) + (ring.closed ? 1 : 0));
    for (const vertex of ring.vertices) {
      encoding.writeVarInt(encoder, vertex.x - x);
      encoding.writeVarInt(encoder, vertex.y - y);
      x = vertex.x;
      y = vertex.y;
    }
  }
  if (!fresh) writeIdRuns(encoder, vertices);
  if (removed.length) {
    encoding.writeVarUint(encoder, removed.length);
    removed.forEach((index, i) => {
      encoding.writeVarUint(encoder, index - (i ? removed[i - 1]! : 0));
    });
  }
  return encoding.toUint8Array(encoder);
}

/**
 * The rings that `bytes` hold.
 * @throws DocumentError "outline-newer" written by a later version; "outline-malformed" anything else that is not an outline
 */
export function unpackOutline(bytes: Uint8Array): StoredRing[] {
  const decoder = decoding.createDecoder(bytes);
  try {
    const flags = decoding.readVarUint(decoder);
    const version = flags >> versionShift;
    if (version > newestVersion)
      throw new DocumentError(
        "outline-newer",
        `Expected an outline of version 0, found version ${version}: reload to get the newer Lamella.`,
        { version },
      );
    const shapes = readShapes(decoder, bytes.length);
    const total = shapes.reduce((sum, shape) => sum + shape.xy.length / 2, 0);
    const ids = flags & explicitIds ? readIdRuns(decoder, total) : undefined;
    const removed = flags & hasRemoved ? readRemoved(decoder, total) : undefined;
    let index = 0;
    return shapes.map(({ closed, hole, xy }) => {
      const vertices: StoredVertex[] = [];
      for (let i = 0; i < xy.length; i += 2, index++)
        vertices.push({
          id: ids ? ids[index]! : index,
          x: xy[i]!,
          y: xy[i + 1]!,
          removed: removed?.has(index) ?? false,
        });
      return { closed, hole, vertices };
    });
  } catch (error) {
    if (error instanceof DocumentError) throw error;
    throw malformed(`${bytes.length} bytes end too early`);
  }
}

interface Shape {
  readonly closed: boolean;
  readonly hole: boolean;
  readonly xy: readonly number[];
}

function readShapes(decoder: decoding.Decoder, size: number): Shape[] {
  const count = decoding.readVarUint(decoder);
  if (count > size) throw malformed(`${count} rings in ${size} bytes`);
  const shapes: Shape[] = [];
  let x = 0;
  let y = 0;
  for (let r = 0; r < count; r++) {
    const header = decoding.readVarUint(decoder);
    const length = Math.floor(header / 4);
    if (length * 2 > size) throw malformed(`${length} vertices in ${size} bytes`);
    const xy: number[] = [];
    for (let i = 0; i < length; i++) {
      x += decoding.readVarInt(decoder);
      y += decoding.readVarInt(decoder);
      xy.push(x, y);
    }
    shapes.push({ closed: (header & 1) === 1, hole: (header & 2) === 2, xy });
  }
  return shapes;
}

function writeIdRuns(encoder: encoding.Encoder, vertices: readonly StoredVertex[]): void {
  for (let start = 0; start < vertices.length; ) {
    let end = start + 1;
    while (end < vertices.length && vertices[end]!.id === vertices[end - 1]!.id + 1) end++;
    encoding.writeVarUint(encoder, vertices[start]!.id);
    encoding.writeVarUint(encoder, end - start);
    start = end;
  }
}

function readIdRuns(decoder: decoding.Decoder, total: number): number[] {
  const ids: number[] = [];
  while (ids.length < total) {
    const start = decoding.readVarUint(decoder);
    const length = decoding.readVarUint(decoder);
    if (length === 0 || ids.length + length > total)
      throw malformed(`a run of ${length} ids for ${total} vertices`);
    for (let i = 0; i < length; i++) ids.push(start + i);
  }
  if (new Set(ids).size !== total) throw malformed("one vertex id stands twice");
  return ids;
}

function readRemoved(decoder: decoding.Decoder, total: number): Set<number> {
  const count = decoding.readVarUint(decoder);
  if (count > total) throw malformed(`${count} tombstones for ${total} vertices`);
  const removed = new Set<number>();
  let index = 0;
  for (let i = 0; i < count; i++) {
    index += decoding.readVarUint(decoder);
    removed.add(index);
  }
  return removed;
}

function malformed(found: string): DocumentError {
  return new DocumentError("outline-malformed", `Expected a packed outline, found ${found}.`);
}
