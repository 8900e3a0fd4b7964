import type { AnnotationCommand } from "#core/document/commands.ts";
import type { AnnotationKind, NewAnnotation } from "#core/schema/annotation.ts";
import type { PreviewRing, ToolContext } from "./tool.ts";

/** Of what the tools draw; rises when a gesture's result changes. */
const toolVersion = "1";

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
        origin: [{ by: "drawn", tool, version: toolVersion }],
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
