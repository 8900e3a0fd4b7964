import type { Point } from "#core/geometry/point.ts";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import type { AnnotationClass } from "#core/schema/annotation-class.ts";
import type { MicrographViewer } from "#client/viewer/micrograph-viewer.ts";
import type { CanvasSession } from "./canvas-session.ts";

export interface MicrographCanvasProps {
  readonly micrograph: Micrograph;
  readonly session: CanvasSession;
  readonly classes: readonly AnnotationClass[];
  readonly readOnly: boolean;
  readonly onReady?: (viewer: MicrographViewer) => void;
  /** Where the gap profile's cursor stands on the two traces. */
  readonly probe?: { readonly substrate: Point; readonly film: Point | null } | null;
}

/** Picture, marks and cursors of one micrograph; fills its parent and owns every pointer and picture key in it. */
export function MicrographCanvas(_props: MicrographCanvasProps) {
  return <div style={{ position: "absolute", inset: 0 }} />;
}
