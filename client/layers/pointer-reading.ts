import type { ProbeState } from "#client/state/probe-store.ts";
import type { MicrographViewer } from "#client/viewer/micrograph-viewer.ts";
import { imagePoint, type Point } from "#core/geometry/point.ts";

/** Position and value under the pointer, for the status line; null outside the picture. */
export function pointerReading(
  viewer: MicrographViewer,
  { width, height }: { readonly width: number; readonly height: number },
  { x, y }: Point,
): ProbeState["pointer"] {
  if (x < 0 || y < 0 || x >= width || y >= height) return null;
  const reading = viewer.intensityAt(imagePoint(x, y));
  return {
    x,
    y,
    intensity: reading?.value ?? null,
    exact: reading?.exact ?? false,
    colour: reading?.colour ?? null,
  };
}
