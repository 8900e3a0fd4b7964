import type { AnnotationCommand } from "#core/document/commands.ts";
import type { AnnotationKind, NewAnnotation } from "#core/schema/annotation.ts";
import type { Origin } from "#core/schema/origin.ts";
import type { PreviewRing, ToolContext } from "./tool.ts";

/** Of what the tools draw; rises when a gesture's result changes. */
const toolVersion = "1";

/** How an outline came to be: by the hand, and where edges of the picture moved it, by those. */
export function originOf(tool: string, edges: "live-wire" | "snapped" | null): readonly Origin[] {
  const drawn: Origin = { by: "drawn", tool, version: toolVersion };
  return edges ? [drawn, { by: edges, tool, version: toolVersion }] : [drawn];
}

/** The one command a finished drawing gesture makes. */
export function createMark(
  context: ToolContext,
  tool: string,
  kind: AnnotationKind,
  rings: readonly PreviewRing[],
  more: Partial<NewAnnotation> = {},
): { readonly id: string; readonly command: AnnotationCommand } {
  const id = context.newId();
  return {
    id,
    command: {
      type: "create",
      id,
      annotation: {
        kind,
        classId: context.classId,
        frames: context.frames,
        drawnOn: context.drawnOn,
        drawnAt: context.nowIso(),
        origin: originOf(tool, null),
        rings: rings.map(({ closed, hole, points }) => ({
          closed,
          hole,
          points: points.map(({ x, y }) => [x, y] as const),
        })),
        ...more,
      },
    },
  };
}
