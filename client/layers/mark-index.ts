import type { Point } from "#core/geometry/point.ts";
import { type Box, createSpatialIndex, type SpatialIndex } from "#core/geometry/spatial-index.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { distanceToRing, type FlatRing, flatRings, insideRings } from "./flat-ring.ts";
import type { MarkStyle, StyleOf } from "./mark-style.ts";

/** One mark as it is painted and hit: its outline in flat arrays, image px. */
export interface Mark {
  readonly annotation: Annotation;
  readonly rings: readonly FlatRing[];
  readonly box: Box;
  readonly style: MarkStyle;
}

/** Edits are looked through one by one until the tree is built anew, in idle time. */
const rebuildAfter = 64;

/** All marks of a frame: which ones a window shows, and which ones lie under a point. */
export class MarkIndex {
  #marks = new Map<string, Mark>();
  #treeMarks: Mark[] = [];
  #tree: SpatialIndex = createSpatialIndex([]);
  /** Marks the tree does not know as they are now. */
  #recent = new Map<string, Mark>();
  readonly #styleOf: () => StyleOf;

  constructor(styleOf: () => StyleOf) {
    this.#styleOf = styleOf;
  }

  get size() {
    return this.#marks.size;
  }

  get(id: string): Mark | undefined {
    return this.#marks.get(id);
  }

  /** Take in every mark that `frame` shows. */
  load(annotations: ReadonlyMap<string, Annotation>, frame: number) {
    this.#marks.clear();
    for (const annotation of annotations.values()) {
      if (isShownOn(annotation, frame)) this.#marks.set(annotation.id, this.#markOf(annotation));
    }
    this.#rebuild();
  }

  /** Take in what changed. */
  update(annotations: ReadonlyMap<string, Annotation>, ids: Iterable<string>, frame: number) {
    for (const id of ids) {
      const annotation = annotations.get(id);
      if (annotation && isShownOn(annotation, frame)) {
        const mark = this.#markOf(annotation);
        this.#marks.set(id, mark);
        this.#recent.set(id, mark);
      } else {
        this.#marks.delete(id);
        this.#recent.delete(id);
      }
    }
    if (this.#recent.size > rebuildAfter + this.#marks.size / 8) this.#rebuild();
  }

  /** Build the tree anew where edits have gathered; for idle time. */
  settle() {
    if (this.#recent.size > rebuildAfter) this.#rebuild();
  }

  /** Marks that touch a window, lowest first. */
  within(window: Box): Mark[] {
    const found: Mark[] = [];
    for (const i of this.#tree.within(window)) {
      const mark = this.#treeMarks[i]!;
      if (this.#marks.get(mark.annotation.id) === mark) found.push(mark);
    }
    for (const mark of this.#recent.values()) if (touches(mark.box, window)) found.push(mark);
    return found.sort(byOrder);
  }

  /** Marks under a point, topmost first: lines within `tolerance` image px, regions by their inside too. */
  hits(at: Point, tolerance: number): Mark[] {
    const window = {
      minX: at.x - tolerance,
      minY: at.y - tolerance,
      maxX: at.x + tolerance,
      maxY: at.y + tolerance,
    };
    const lines: Mark[] = [];
    const insides: Mark[] = [];
    for (const mark of this.within(window).reverse()) {
      if (mark.rings.some((ring) => distanceToRing(ring, at) <= tolerance)) lines.push(mark);
      else if (insideRings(mark.rings, at)) insides.push(mark);
    }
    // A line under the pointer is meant before the area that happens to lie above it; of areas, the smallest first.
    insides.sort((a, b) => areaOf(a.box) - areaOf(b.box));
    return [...lines, ...insides];
  }

  /** Marks that lie wholly within a window. */
  enclosed(window: Box): Mark[] {
    return this.within(window).filter(
      ({ box }) =>
        box.minX >= window.minX &&
        box.maxX <= window.maxX &&
        box.minY >= window.minY &&
        box.maxY <= window.maxY,
    );
  }

  #markOf(annotation: Annotation): Mark {
    const rings = flatRings(annotation);
    return {
      annotation,
      rings,
      box: boxOf(rings),
      style: this.#styleOf()(annotation.kind, annotation.classId, annotation.body),
    };
  }

  #rebuild() {
    // A mark without an outline (a gap of two traces) has no place.
    this.#treeMarks = [...this.#marks.values()].filter(({ rings }) => rings.length > 0);
    this.#tree = createSpatialIndex(this.#treeMarks.map(({ box }) => box));
    this.#recent.clear();
  }
}

function isShownOn({ frames, deleted }: Annotation, frame: number): boolean {
  return !deleted && (frames === "all" || (frame >= frames[0] && frame <= frames[1]));
}

function byOrder(a: Mark, b: Mark): number {
  return a.annotation.order < b.annotation.order ? -1 : a.annotation.order > b.annotation.order ? 1 : 0;
}

function touches(a: Box, b: Box): boolean {
  return a.minX <= b.maxX && a.maxX >= b.minX && a.minY <= b.maxY && a.maxY >= b.minY;
}

function areaOf({ minX, minY, maxX, maxY }: Box): number {
  return (maxX - minX) * (maxY - minY);
}

function boxOf(rings: readonly FlatRing[]): Box {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { xy } of rings) {
    for (let i = 0; i < xy.length; i += 2) {
      minX = Math.min(minX, xy[i]!);
      maxX = Math.max(maxX, xy[i]!);
      minY = Math.min(minY, xy[i + 1]!);
      maxY = Math.max(maxY, xy[i + 1]!);
    }
  }
  return { minX, minY, maxX, maxY };
}
