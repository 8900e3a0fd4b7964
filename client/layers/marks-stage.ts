import type { ViewState } from "#client/viewer/micrograph-viewer.ts";
import type { LayerNodes, LayerPainters } from "./konva-layers.tsx";
import type { MarksBuffer } from "./marks-buffer.ts";

export interface MarksStage {
  /** Draw both layers for a view, now: in the frame in which the picture moved. */
  drawAll(view: ViewState): void;
  drawMarks(): void;
  /** Draw what lies above the marks, once before the next frame. */
  drawOverlay(): void;
  showMarks(visible: boolean): void;
  close(): void;
}

/** The layers that React has mounted, given their painters. */
export function openMarksStage(
  { nodes, painters }: { readonly nodes: LayerNodes; readonly painters: LayerPainters },
  view: () => ViewState,
  marks: MarksBuffer,
  paintAbove: (context: CanvasRenderingContext2D) => void,
): MarksStage {
  const paintMarks: LayerPainters["marks"] = (context, pixelRatio) => marks.draw(context, view(), pixelRatio);
  painters.marks = paintMarks;
  painters.overlay = paintAbove;
  const fitTo = ({ widthPx, heightPx }: ViewState) => {
    const stage = nodes.stage.current;
    if (!stage) return;
    if (stage.width() !== widthPx) stage.width(widthPx);
    if (stage.height() !== heightPx) stage.height(heightPx);
  };
  let shown = true;
  const drawAll = (now: ViewState) => {
    fitTo(now);
    nodes.marks.current?.draw();
    nodes.overlay.current?.draw();
  };
  const applyShown = () => {
    nodes.marks.current?.visible(shown);
    nodes.overlay.current?.visible(shown);
  };
  painters.mounted = () => {
    applyShown();
    drawAll(view());
  };
  return {
    drawAll,
    drawMarks: () => nodes.marks.current?.draw(),
    drawOverlay: () => nodes.overlay.current?.batchDraw(),
    showMarks(visible) {
      shown = visible;
      applyShown();
    },
    close() {
      // Another canvas may have taken the layers over already.
      if (painters.marks !== paintMarks) return;
      painters.marks = null;
      painters.overlay = null;
      painters.mounted = null;
    },
  };
}
