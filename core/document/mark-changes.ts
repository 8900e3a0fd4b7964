import type { Annotation, Vertex } from "#core/schema/annotation.ts";
import type { MarkChangeWord } from "#core/schema/mark-change.ts";
import { sameValue } from "./edit.ts";

/** Fields that say what a mark belongs to: object, interface, and whose surface it follows. */
const belongings = ["objectId", "interfaceId", "body"] as const;
/** Everything else that people set; `order` too, since it decides what covers what. */
const others = ["attributes", "parameters", "frames", "drawnOn", "order", "origin", "drawnAt"] as const;

/**
 * What changed between two readings of one mark, most telling first. Empty: nothing that people see (a folded outline).
 *
 * @param before undefined: there was no such mark, or it could not be read
 * @param after  undefined: there is none any more, or it cannot be read
 */
export function markChanges(
  before: Annotation | undefined,
  after: Annotation | undefined,
): readonly MarkChangeWord[] {
  if (!after) return before && !before.deleted ? ["deleted"] : [];
  if (!before) return after.deleted ? [] : ["created"];
  const words: MarkChangeWord[] = [];
  if (before.deleted !== after.deleted) words.push(after.deleted ? "deleted" : "brought-back");
  const outline = outlineChange(before, after);
  if (outline) words.push(outline);
  if (before.classId !== after.classId) words.push("reclassified");
  if (before.name !== after.name) words.push("renamed");
  if (before.locked !== after.locked) words.push(after.locked ? "locked" : "unlocked");
  if (belongings.some((key) => before[key] !== after[key])) words.push("assigned");
  if (others.some((key) => !sameValue(before[key], after[key]))) words.push("edited");
  return words;
}

/** Moved: every vertex by the same step, to half of what is stored (1/64 px). */
function outlineChange(before: Annotation, after: Annotation): "moved" | "reshaped" | null {
  const [was, is] = [before.outline.rings, after.outline.rings];
  if (was.length !== is.length) return "reshaped";
  let step: { readonly x: number; readonly y: number } | null = null;
  let moved = false;
  for (const [r, ring] of is.entries()) {
    const old = was[r]!;
    if (old.closed !== ring.closed || old.hole !== ring.hole || old.vertices.length !== ring.vertices.length)
      return "reshaped";
    for (const [i, vertex] of ring.vertices.entries()) {
      const here: { readonly x: number; readonly y: number } = difference(old.vertices[i]!, vertex);
      step ??= here;
      if (Math.abs(here.x - step.x) > 1 / 32 || Math.abs(here.y - step.y) > 1 / 32) return "reshaped";
      if (here.x !== 0 || here.y !== 0) moved = true;
    }
  }
  return moved ? "moved" : null;
}

function difference(from: Vertex, to: Vertex) {
  return { x: to.x - from.x, y: to.y - from.y };
}
