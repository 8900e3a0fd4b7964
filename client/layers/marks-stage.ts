import { Layer } from "konva/lib/Layer.js";
import { Shape } from "konva/lib/Shape.js";
import { Stage } from "konva/lib/Stage.js";
import type { ViewState } from "#client/viewer/micrograph-viewer.ts";
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

/** Two layers over the picture, neither of which listens: hit tests go by index, pointers by the router. */
export function openMarksStage(
  container: HTMLDivElement,
  view: () => ViewState,
  marks: MarksBuffer,
  paintAbove: (context: CanvasRenderingContext2D) => void,
): MarksStage {
  const stage = new Stage({ container, width: 1, height: 1, listening: false });
  const marksLayer = new Layer({ listening: false });
  const overlayLayer = new Layer({ listening: false });
  const native = (context: { readonly _context: CanvasRenderingContext2D }) => context._context;
  marksLayer.add(
    new Shape({
      listening: false,
      perfectDrawEnabled: false,
      sceneFunc: (context) => marks.draw(native(context), view(), marksLayer.getCanvas().getPixelRatio()),
    }),
  );
  overlayLayer.add(
    new Shape({
      listening: false,
      perfectDrawEnabled: false,
      sceneFunc: (context) => paintAbove(native(context)),
    }),
  );
  stage.add(marksLayer, overlayLayer);

  const fitTo = ({ widthPx, heightPx }: ViewState) => {
    if (stage.width() !== widthPx) stage.width(widthPx);
    if (stage.height() !== heightPx) stage.height(heightPx);
  };
  return {
    drawAll(now) {
      fitTo(now);
      marksLayer.draw();
      overlayLayer.draw();
    },
    drawMarks: () => marksLayer.draw(),
    drawOverlay: () => overlayLayer.batchDraw(),
    showMarks: (visible) => {
      marksLayer.visible(visible);
      overlayLayer.visible(visible);
    },
    close: () => stage.destroy(),
  };
}
