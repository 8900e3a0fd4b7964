import { useEffect, useState } from "react";
import { shownSignal, useDisplayStore } from "#client/state/display-store.ts";
import { useProbeStore } from "#client/state/probe-store.ts";
import { FrameConditions } from "./frame-conditions.tsx";
import { intensityWords, placeWords, zoomWords } from "./place-words.ts";
import styles from "./status-line.module.css";
import { useWorkspace } from "./workspace-context.ts";

/** Position and intensity under the pointer in physical units, frame and zoom: always on the screen. */
export function StatusLine() {
  const { micrograph, viewer } = useWorkspace();
  const pointer = useProbeStore((state) => state.pointer);
  const [scale, setScale] = useState<number | null>(null);
  useEffect(() => {
    if (!viewer) return;
    setScale(viewer.viewport().scale);
    return viewer.onViewChange((view) => setScale(view.scale));
  }, [viewer]);
  const place = pointer ? placeWords(pointer, micrograph) : null;
  return (
    <footer className={`${styles.line} numbers`}>
      <span className={styles.place}>
        {place ? (
          <>
            <span>
              <i>x</i> {place.x}
            </span>
            <span>
              <i>y</i> {place.y}
            </span>
            {place.d && (
              <span>
                <i>d</i> {place.d}
              </span>
            )}
            <span title={pointer!.exact ? "Recorded value" : "Mean of the pixels seen at this zoom"}>
              <i>I</i> {intensityWords(pointer!)}
            </span>
          </>
        ) : (
          <span className="dim">Move over the picture for position and intensity</span>
        )}
      </span>
      <span className={styles.facts}>
        {micrograph.signals.length > 1 && <SignalSwitch />}
        {micrograph.frames > 1 && <FrameConditions />}
        <span>
          {micrograph.width} × {micrograph.height} px · {micrograph.dtype}
        </span>
        {micrograph.warnings.length > 0 && (
          <span className={styles.flag} title={micrograph.warnings.join("\n")}>
            {micrograph.warnings.length === 1
              ? "1 note in Info"
              : `${micrograph.warnings.length} notes in Info`}
          </span>
        )}
        {micrograph.flags.lossy && <span className={styles.flag}>lossy</span>}
        {micrograph.flags.depthReduced && <span className={styles.flag}>depth reduced</span>}
        {micrograph.flags.screenshot && <span className={styles.flag}>screenshot</span>}
        {scale !== null && (
          <span className={styles.zoom} data-scale={scale}>
            {zoomWords(scale)}
          </span>
        )}
      </span>
    </footer>
  );
}

/** Signals on one grid, with the same marks. */
function SignalSwitch() {
  const { micrograph } = useWorkspace();
  const { signal, setSignal } = useDisplayStore();
  const shown = shownSignal(micrograph, signal);
  return (
    <fieldset className={styles.signals} title="S: the next signal">
      <legend>Signal</legend>
      {micrograph.signals.map(({ id, title }) => (
        <button key={id} type="button" aria-pressed={id === shown?.id} onClick={() => setSignal(id)}>
          {title}
        </button>
      ))}
    </fieldset>
  );
}
