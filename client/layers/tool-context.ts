import { shownSignal, useDisplayStore } from "#client/state/display-store.ts";
import { useFourierStore } from "#client/state/fourier-store.ts";
import { useProfileStore } from "#client/state/profile-store.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import { useToolStore } from "#client/state/tool-store.ts";
import { createEdgeFinder } from "#client/tools/edge-finder.ts";
import type { ToolContext } from "#client/tools/tool.ts";
import { presetRole } from "#client/tools/tools.ts";
import type { MicrographViewer } from "#client/viewer/micrograph-viewer.ts";
import { servedDisplay } from "#client/viewer/open-viewer.ts";
import type { AnnotationDocument } from "#core/document/annotation-document.ts";
import type { ScreenPoint } from "#core/geometry/point.ts";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import type { AnnotationClass } from "#core/schema/annotation-class.ts";
import { createRecordId } from "#core/schema/ids.ts";
import { handleAt } from "./handles.ts";
import type { MarkIndex } from "./mark-index.ts";

/** How far from a line the pointer still hits it. */
export const hitTolerancePx = 6;

interface Ground {
  readonly viewer: Pick<MicrographViewer, "viewport" | "recordedValues">;
  readonly index: MarkIndex;
  readonly document: AnnotationDocument;
  readonly micrograph: Micrograph;
  readonly classes: readonly AnnotationClass[];
  readonly readOnly: boolean;
}

/** What a tool is told of the ground it works on, as it is at this moment. */
export function toolContextOf(ground: Ground): ToolContext {
  const { viewer, index, document, micrograph, classes, readOnly } = ground;
  const { traceBody, traceInterfaceId, snapping, brushRadiusPx } = useToolStore.getState();
  const { signal, display, frame } = useDisplayStore.getState();
  const { selected } = useSelectionStore.getState();
  const { scale } = viewer.viewport();
  const shown = shownSignal(micrograph, signal)!;
  const window = display ?? servedDisplay(shown);
  return {
    scale,
    readOnly,
    selected,
    classId: classOfNextMark(classes),
    trace: { body: traceBody, interfaceId: traceInterfaceId },
    frames: micrograph.frames > 1 ? [frame, frame] : "all",
    drawnOn: { signal: shown.id, frame, window: [window.low, window.high] },
    calibration: micrograph.calibration,
    edges: snapping ? createEdgeFinder((box) => viewer.recordedValues(box), scale) : null,
    brushRadius: brushRadiusPx / scale,
    profileWidthPx: useProfileStore.getState().widthPx,
    fourierRegion: useFourierStore.getState().region,
    imageSize: micrograph,
    newId: createRecordId,
    nowIso: () => new Date().toISOString(),
    annotation: (id) => document.annotations().get(id),
    hits: (at) => index.hits(at, hitTolerancePx / scale).map(({ annotation }) => annotation.id),
    handleAt(at) {
      const [only, ...more] = selected;
      const mark = more.length === 0 && only ? index.get(only) : undefined;
      return mark ? handleAt([mark], at, scale) : null;
    },
    within: (from, to) =>
      index
        .enclosed({
          minX: Math.min(from.x, to.x),
          minY: Math.min(from.y, to.y),
          maxX: Math.max(from.x, to.x),
          maxY: Math.max(from.y, to.y),
        })
        .map(({ annotation }) => annotation.id),
  };
}

export function classOfNextMark(classes: readonly AnnotationClass[]): string | null {
  const { tool: id, classId } = useToolStore.getState();
  const role = presetRole(id);
  if (role) return classes.find((c) => c.role === role)?.id ?? null;
  // The two sides of an interface and a length are no class of material unless somebody says so.
  return id === "trace" || id === "line" || id === "profile" || id === "pin" ? null : classId;
}

/** The brush under the pointer, screen px; null where none is held. */
export function brushAt(pointerAt: ScreenPoint | null, readOnly: boolean) {
  const { tool: id, regionGesture, brushRadiusPx } = useToolStore.getState();
  const brushes = id === "brush" || (presetRole(id) !== null && regionGesture === "brush");
  return brushes && pointerAt && !readOnly ? { at: pointerAt, radiusPx: brushRadiusPx } : null;
}
