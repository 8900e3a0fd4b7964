import type { StoredRing, StoredVertex } from "./packed-outline.ts";

/** What single-vertex edits say on top of a packed outline. Coordinates in 1/64 px. */
export interface Overlay {
  /** `v<id>`: where a vertex was moved to, or "removed". */
  readonly moves: ReadonlyMap<number, readonly [x: number, y: number] | "removed">;
  /** `i<id>`: vertices inserted on the edge that follows `leftId`. */
  readonly inserts: ReadonlyMap<number, InsertedVertex>;
}

export interface InsertedVertex {
  readonly leftId: number;
  /** Place among the vertices inserted after the same left neighbour, 1 … 65535 along the edge. */
  readonly fraction: number;
  readonly x: number;
  readonly y: number;
}

export const fractionScale = 65_536;

/** Vertex ids of single-vertex edits start here, above those of any fresh outline. */
const firstMintedId = 2 ** 20;
const mintedIds = 2 ** 30 - firstMintedId;

/** The first of `count` consecutive vertex ids that no other peer will choose: random of 30 bits. */
export function mintVertexIds(random: () => number, count = 1): number {
  return firstMintedId + Math.floor(random() * (mintedIds - count));
}

/**
 * The outline with its overlay (SPEC V1-V6): moved, removed and inserted vertices in their places. Removed ones stay in
 * the rings as tombstones, because inserted vertices and undo name them. Entries about ids that the outline does not
 * know are left out: they belong to an outline that was replaced as a whole, and come back with it.
 */
export function applyOverlay(base: readonly StoredRing[], overlay: Overlay): readonly StoredRing[] {
  if (overlay.moves.size === 0 && overlay.inserts.size === 0) return base;
  const childrenOf = insertedByLeft(base, overlay.inserts);
  const place = (vertex: StoredVertex): StoredVertex => {
    const move = overlay.moves.get(vertex.id);
    if (move === undefined) return vertex;
    if (move === "removed") return { ...vertex, removed: true };
    return { id: vertex.id, x: move[0], y: move[1], removed: false };
  };
  return base.map((ring) => {
    const vertices: StoredVertex[] = [];
    for (const vertex of ring.vertices) {
      // Depth first without recursion: a chain of inserts may be as long as its author was patient.
      const stack = [vertex];
      for (let next = stack.pop(); next; next = stack.pop()) {
        vertices.push(place(next));
        const children = childrenOf.get(next.id);
        if (children) for (let i = children.length - 1; i >= 0; i--) stack.push(children[i]!);
      }
    }
    return { ...ring, vertices };
  });
}

/** Overlay ids that say nothing about this outline: their edits were overtaken by a whole-shape replacement. */
export function overtakenIds(rings: readonly StoredRing[], overlay: Overlay): number[] {
  if (overlay.moves.size === 0 && overlay.inserts.size === 0) return [];
  const known = new Set(rings.flatMap((ring) => ring.vertices.map((vertex) => vertex.id)));
  return [...overlay.moves.keys(), ...overlay.inserts.keys()].filter((id) => !known.has(id));
}

function insertedByLeft(
  base: readonly StoredRing[],
  inserts: Overlay["inserts"],
): Map<number, StoredVertex[]> {
  const inBase = new Set(base.flatMap((ring) => ring.vertices.map((vertex) => vertex.id)));
  const sorted = [...inserts]
    .filter(([id]) => !inBase.has(id))
    .sort(([idA, a], [idB, b]) => a.fraction - b.fraction || idA - idB);
  const childrenOf = new Map<number, StoredVertex[]>();
  for (const [id, { leftId, x, y }] of sorted) {
    const siblings = childrenOf.get(leftId);
    const vertex = { id, x, y, removed: false };
    if (siblings) siblings.push(vertex);
    else childrenOf.set(leftId, [vertex]);
  }
  return childrenOf;
}

/**
 * Where an insertion at (x, y) on the edge after `leftId` stands among its siblings: its projection on that edge,
 * scaled into what is left before the first vertex already inserted after `leftId`.
 *
 * @param rings outline with overlay, tombstones included
 * @returns 1 … 65535, or undefined where no live vertex has that id
 */
export function insertionFraction(
  rings: readonly StoredRing[],
  inserts: Overlay["inserts"],
  leftId: number,
  x: number,
  y: number,
): number | undefined {
  const ring = rings.find(({ vertices }) => vertices.some((v) => v.id === leftId && !v.removed));
  if (!ring) return undefined;
  const live = ring.vertices.filter((vertex) => !vertex.removed);
  const at = live.findIndex((vertex) => vertex.id === leftId);
  const left = live[at]!;
  const right = live[at + 1] ?? (ring.closed ? live[0]! : left);
  const [dx, dy] = [right.x - left.x, right.y - left.y];
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0.5 : ((x - left.x) * dx + (y - left.y) * dy) / squared;
  // Siblings that `left` already has in front: the new vertex goes between `left` and the nearest of them.
  const raw = ring.vertices.findIndex((vertex) => vertex.id === leftId);
  const following = ring.vertices.slice(raw + 1).map((vertex) => vertex.id);
  const nearest = following.find((id) => inserts.get(id)?.leftId === leftId);
  const room = nearest === undefined ? fractionScale : inserts.get(nearest)!.fraction;
  return Math.max(1, Math.min(room - 1, Math.round(Math.min(0.999, Math.max(0.001, along)) * room)));
}
