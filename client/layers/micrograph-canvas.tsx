import { useEffect, useRef, useState } from "react";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import type { AnnotationSession } from "#client/session/annotation-session.ts";
import type { MicrographViewer } from "#client/viewer/micrograph-viewer.ts";
import type { Point } from "#core/geometry/point.ts";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import type { AnnotationClass } from "#core/schema/annotation-class.ts";
import styles from "./canvas.module.css";
import { type OpenCanvas, openCanvas } from "./canvas-controller.ts";
import { FrameScrubber } from "./frame-scrubber.tsx";
import type { LayerNodes, LayerPainters } from "./konva-layers.tsx";
import { ScaleBar } from "./scale-bar.tsx";
import { ToolOptions } from "./tool-options.tsx";

// Under way with the first line of this file, yet not waited for: the picture is seen before there is anything over it.
const layersModule = import("./konva-layers.tsx");
const KonvaLayers = lazyPart(() => layersModule);

export interface MicrographCanvasProps {
  readonly micrograph: Micrograph;
  readonly session: Pick<AnnotationSession, "current" | "presence">;
  readonly classes: readonly AnnotationClass[];
  readonly readOnly: boolean;
  readonly onReady?: (viewer: MicrographViewer) => void;
  /** Where the gap profile's cursor stands on the two traces. */
  readonly probe?: { readonly substrate: Point; readonly film: Point | null } | null;
}

/** Picture, marks and cursors of one micrograph; fills its parent and owns every pointer and picture key in it. */
export function MicrographCanvas(props: MicrographCanvasProps) {
  const { micrograph, session, classes, readOnly, probe = null } = props;
  const root = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLDivElement>(null);
  const layers = useLayers();
  const navigator = useRef<HTMLDivElement>(null);
  const chip = useRef<HTMLDivElement>(null);
  const canvas = useRef<OpenCanvas>(null);
  const [viewer, setViewer] = useState<MicrographViewer | null>(null);
  const latest = useRef(props);
  latest.current = props;

  // Another micrograph or room is another canvas; everything else is told to the one that is open.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the id stands for the micrograph, the layers never change
  useEffect(() => {
    const { onReady } = latest.current;
    const opened = openCanvas(
      {
        root: root.current!,
        picture: picture.current!,
        layers,
        navigator: navigator.current!,
        chip: chip.current!,
      },
      session,
      { micrograph, classes, readOnly, probe },
    );
    canvas.current = opened;
    setViewer(opened.viewer);
    onReady?.(opened.viewer);
    return () => {
      canvas.current = null;
      setViewer(null);
      opened.close();
    };
  }, [micrograph.id, session]);

  useEffect(() => {
    canvas.current?.update({ micrograph, classes, readOnly, probe });
  }, [micrograph, classes, readOnly, probe]);

  const ratio = micrograph.height / micrograph.width;
  return (
    <div
      ref={root}
      className={styles.canvas}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the picture takes the keys of its tools
      tabIndex={0}
      role="application"
      aria-label={`${micrograph.name}: the picture. Letters choose tools, arrows move.`}
      data-testid="micrograph-canvas"
    >
      <div ref={picture} className={styles.picture} />
      <div className={styles.marks}>
        <KonvaLayers {...layers} />
      </div>
      <div ref={chip} className={styles.chip} hidden />
      <div
        ref={navigator}
        className={styles.navigator}
        style={{ height: Math.round(Math.min(168, 168 * ratio)) }}
        data-own-pointers
      />
      {viewer && <ScaleBar viewer={viewer} calibration={micrograph.calibration} />}
      <div className={styles.foot}>
        {!readOnly && <ToolOptions />}
        {viewer && micrograph.frames > 1 && (
          <FrameScrubber
            viewer={viewer}
            frames={micrograph.frames}
            frameTimesS={micrograph.frameTimesS}
            session={session}
          />
        )}
      </div>
    </div>
  );
}

/** Layers and who paints them: the same ones for as long as the component lives. */
function useLayers(): { readonly nodes: LayerNodes; readonly painters: LayerPainters } {
  const stage = useRef<LayerNodes["stage"]["current"]>(null);
  const marks = useRef<LayerNodes["marks"]["current"]>(null);
  const overlay = useRef<LayerNodes["overlay"]["current"]>(null);
  const [layers] = useState(() => ({
    nodes: { stage, marks, overlay },
    painters: { marks: null, overlay: null, mounted: null } as LayerPainters,
  }));
  return layers;
}
