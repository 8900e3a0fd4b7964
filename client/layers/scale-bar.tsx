import { useEffect, useState } from "react";
import type { MicrographViewer } from "#client/viewer/micrograph-viewer.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import styles from "./canvas.module.css";
import { scaleBarLength } from "./scale-bar-length.ts";

const widestPx = 180;

/** The scale of what is on the screen now, in lengths a person can multiply by. */
export function ScaleBar({ viewer, calibration }: { viewer: MicrographViewer; calibration: Calibration }) {
  const [scale, setScale] = useState(() => viewer.viewport().scale);
  useEffect(() => viewer.onViewChange((view) => setScale(view.scale)), [viewer]);
  const bar = scaleBarLength(calibration, scale, widestPx);
  if (!bar) return null;
  return (
    <div className={styles.scaleBar}>
      <span className={styles.scaleLabel}>{bar.label}</span>
      <span className={styles.scaleLine} style={{ width: bar.widthPx }} />
    </div>
  );
}
