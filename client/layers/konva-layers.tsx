import type { Layer as KonvaLayer } from "konva/lib/Layer.js";
import type { Stage as KonvaStage } from "konva/lib/Stage.js";
import { type RefObject, useEffect } from "react";
// The core alone: shapes, filters and animations of the whole package are never used.
import { Layer, Shape, Stage } from "react-konva/es/ReactKonvaCore.js";

/** What paints each layer; a canvas that is open puts its own in. */
export interface LayerPainters {
  marks: ((context: CanvasRenderingContext2D, pixelRatio: number) => void) | null;
  overlay: ((context: CanvasRenderingContext2D) => void) | null;
  /** The layers are there, and empty. */
  mounted: (() => void) | null;
}

/** The nodes, for drawing in the very frame in which the picture moved: no rendering of React is in that way. */
export interface LayerNodes {
  readonly stage: RefObject<KonvaStage | null>;
  readonly marks: RefObject<KonvaLayer | null>;
  readonly overlay: RefObject<KonvaLayer | null>;
}

interface KonvaLayersProps {
  readonly painters: LayerPainters;
  readonly nodes: LayerNodes;
}

const native = (context: { readonly _context: CanvasRenderingContext2D }) => context._context;

/**
 * Two layers over the picture, neither of which listens: hit tests go by index, pointers by the router. Each holds one
 * shape that paints everything in it, in batches: a node a mark would cost more than its pixels.
 */
export default function KonvaLayers({ painters, nodes }: KonvaLayersProps) {
  useEffect(() => painters.mounted?.(), [painters]);
  return (
    <Stage ref={nodes.stage} width={1} height={1} listening={false}>
      <Layer ref={nodes.marks} listening={false}>
        <Shape
          listening={false}
          perfectDrawEnabled={false}
          sceneFunc={(context) =>
            painters.marks?.(native(context), nodes.marks.current?.getCanvas().getPixelRatio() ?? 1)
          }
        />
      </Layer>
      <Layer ref={nodes.overlay} listening={false}>
        <Shape
          listening={false}
          perfectDrawEnabled={false}
          sceneFunc={(context) => painters.overlay?.(native(context))}
        />
      </Layer>
    </Stage>
  );
}
