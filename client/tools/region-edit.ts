import type { AnnotationCommand } from "#core/document/commands.ts";
import type { Point } from "#core/geometry/point.ts";
import type { Polygon } from "#core/geometry/polygon.ts";
import { areaOf, combinePolygons } from "#core/geometry/polygon-boolean.ts";
import type { Annotation, NewAnnotation } from "#core/schema/annotation.ts";
import type { Modifiers, PreviewRing, ToolContext } from "./tool.ts";

/** What an outline is for: a mark of its own, or a piece put to the selected region or taken off it. */
export type RegionMode = "new" | "add" | "subtract";

/** Pieces smaller than this are left over from rounding. */
const smallestPiecePx2 = 0.25;

/** The one region that is selected and may be changed. */
export function selectedRegion({ selected, annotation }: ToolContext): Annotation | null {
  const only = selected.length === 1 ? annotation(selected[0]!) : undefined;
  return only?.kind === "region" && !only.locked ? only : null;
}

/** Shift at the first press adds to the selected region, Alt takes off it; without a region they mean nothing. */
export function modeOfPress({ shift, alt }: Modifiers, context: ToolContext): RegionMode {
  if ((!shift && !alt) || !selectedRegion(context)) return "new";
  return alt ? "subtract" : "add";
}

/** The selected region with an outline put to it or taken off it; nothing left is the region's end. */
export function combineWithSelected(
  context: ToolContext,
  mode: Exclude<RegionMode, "new">,
  outline: readonly Point[] | readonly Polygon[],
): readonly AnnotationCommand[] {
  const region = selectedRegion(context);
  if (!region) return [];
  const before = polygonsOfRegion(region);
  const piece = isPolygons(outline) ? outline : [{ outer: outline as readonly Point[], holes: [] }];
  const after = combinePolygons(mode === "add" ? "union" : "difference", before, piece).filter(
    (polygon) => areaOf([polygon]) >= smallestPiecePx2,
  );
  if (Math.abs(areaOf(after) - areaOf(before)) < smallestPiecePx2) return [];
  if (after.length === 0) return [{ type: "delete", ids: [region.id] }];
  return [{ type: "replace-outline", id: region.id, rings: outlineOf(after) }];
}

export function ringsOf(polygons: readonly Polygon[]): PreviewRing[] {
  return polygons.flatMap(({ outer, holes }) => [
    { closed: true, hole: false, points: outer },
    ...holes.map((points) => ({ closed: true, hole: true, points })),
  ]);
}

/** Polygons of a region; a hole belongs to the outer ring before it. */
export function polygonsOfRegion({ outline }: Annotation): Polygon[] {
  const polygons: { outer: readonly Point[]; holes: (readonly Point[])[] }[] = [];
  for (const { hole, vertices } of outline.rings) {
    if (hole) polygons.at(-1)?.holes.push(vertices);
    else polygons.push({ outer: vertices, holes: [] });
  }
  return polygons;
}

function outlineOf(polygons: readonly Polygon[]): NewAnnotation["rings"] {
  return ringsOf(polygons).map(({ closed, hole, points }) => ({
    closed,
    hole,
    points: points.map(({ x, y }) => [x, y] as const),
  }));
}

function isPolygons(outline: readonly Point[] | readonly Polygon[]): outline is readonly Polygon[] {
  return outline.length > 0 && "outer" in outline[0]!;
}
