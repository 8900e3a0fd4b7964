import { useState } from "react";
import type { Point } from "#core/geometry/point.ts";
import styles from "./scale-bar-preview.module.css";
import { useWorkspace } from "./workspace-context.ts";

/** The found bar with its lettering, cut out of the picture, and the two ends that were found. */
export function ScaleBarPreview({
  p,
  q,
  read,
}: {
  readonly p: Point;
  readonly q: Point;
  readonly read: boolean;
}) {
  const { micrograph } = useWorkspace();
  const [shown, setShown] = useState(true);
  const lengthPx = q.x - p.x;
  const aside = Math.max(24, Math.min(lengthPx, 0.25 * lengthPx + 60));
  const above = Math.max(24, Math.min(0.09 * micrograph.height, lengthPx) + 12);
  const x = Math.max(0, Math.floor(p.x - aside));
  const y = Math.max(0, Math.floor(p.y - above));
  const width = Math.min(micrograph.width - x, Math.ceil(lengthPx + 2 * aside));
  const height = Math.min(micrograph.height - y, Math.ceil(2 * above));
  const address = `/iiif/3/${micrograph.id}/${x},${y},${width},${height}/!800,240/0/default.png`;
  if (!shown) return null;
  return (
    <figure className={styles.preview}>
      <div className={styles.cut} style={{ aspectRatio: `${width} / ${height}` }}>
        <img src={address} alt="The burnt-in scale bar with its lettering" onError={() => setShown(false)} />
        {[p, q].map((end) => (
          <span
            key={end.x}
            className={styles.end}
            style={{ left: `${(100 * (end.x - x)) / width}%`, top: `${(100 * (end.y - y)) / height}%` }}
          />
        ))}
      </div>
      <figcaption className="dim small">
        {read
          ? "Found in the picture and read by Lamella. Is the length right?"
          : "Found in the picture; its length could not be read. What is written there?"}
      </figcaption>
    </figure>
  );
}
