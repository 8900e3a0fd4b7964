import { useEffect, useMemo, useState } from "react";
import { useDisplayStore } from "#client/state/display-store.ts";
import { useFourierStore } from "#client/state/fourier-store.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import type { ImageBox, MicrographViewer, RecordedPatch } from "#client/viewer/micrograph-viewer.ts";
import { recordedSoon } from "#client/viewer/recorded-soon.ts";
import { imagePoint, type Point } from "#core/geometry/point.ts";
import { maskOfRings } from "#core/geometry/run-length-mask.ts";
import { boundingBox } from "#core/geometry/spatial-index.ts";
import { useDocument } from "./use-document.ts";
import { useWorkspace } from "./workspace-context.ts";

/** What histogram and automatic window are taken from. */
export type DisplayScope = "image" | "view" | "region";

export interface DisplayRegion {
  /** "the FFT square", "the selected mark". */
  readonly words: string;
  readonly rings: readonly (readonly Point[])[];
}

/** Values of a part of the picture. */
export interface ScopeValues {
  readonly values: Float64Array;
  /** Recorded level-0 values; otherwise what the screen shows of them, which may be means. */
  readonly exact: boolean;
}

/** Read at once, and held, up to this side; larger regions are sampled as they are shown. */
const largestReadPx = 2048;
const mostValues = 1 << 18;
const viewSteps = 160;
/** After the view came to rest. */
const restMs = 200;

/** The region that a window can be taken from: the square of the open Fourier transform, else the selected marks. */
export function useDisplayRegion(): DisplayRegion | null {
  const { session } = useWorkspace();
  const { document, version } = useDocument(session);
  const { open, region } = useFourierStore();
  const selected = useSelectionStore((state) => state.selected);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the map of marks is one object; its version tells of changes
  return useMemo(() => {
    if (open && region) {
      const { x, y, side } = region;
      const corners = [
        { x, y },
        { x: x + side, y },
        { x: x + side, y: y + side },
        { x, y: y + side },
      ];
      return { words: "the FFT square", rings: [corners] };
    }
    const rings = selected.flatMap((id) => {
      const closed = document.get(id)?.outline.rings.filter((ring) => ring.closed) ?? [];
      return closed.map(({ vertices }) => vertices);
    });
    if (rings.length === 0) return null;
    return { words: selected.length === 1 ? "the selected mark" : "the selected marks", rings };
  }, [document, version, open, region, selected]);
}

/** Values of the view or of the region, taken again when it changes; null while they come, and for the whole image. */
export function useScopeValues(scope: DisplayScope, region: DisplayRegion | null): ScopeValues | null {
  const { viewer, micrograph } = useWorkspace();
  const { frame, signal } = useDisplayStore();
  const [found, setFound] = useState<ScopeValues | null>(null);
  const [views, setViews] = useState(0);
  useEffect(() => {
    if (!viewer || scope !== "view") return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = viewer.onViewChange(() => {
      clearTimeout(timer);
      timer = setTimeout(() => setViews((n) => n + 1), restMs);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [viewer, scope]);
  const { width, height } = micrograph;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another view, frame or signal has other values
  useEffect(() => {
    setFound(null);
    if (!viewer || scope === "image") return;
    if (scope === "view") return setFound(valuesInView(viewer, { width, height }));
    if (!region) return;
    const box = within(boundingBox(region.rings.flat()), { width, height });
    if (!box) return;
    if (box.maxX - box.minX > largestReadPx || box.maxY - box.minY > largestReadPx) {
      return setFound(shownValues(viewer, box, region.rings));
    }
    const stop = new AbortController();
    void recordedSoon(viewer, box, stop.signal).then((patch) => {
      if (patch && !stop.signal.aborted) setFound({ values: valuesWithin(patch, region.rings), exact: true });
    });
    return () => stop.abort();
  }, [viewer, scope, region, frame, signal, views, width, height]);
  return found;
}

/** Values of a patch whose pixels lie within rings (even-odd), every n-th of very many. */
export function valuesWithin(patch: RecordedPatch, rings: readonly (readonly Point[])[]): Float64Array {
  const { width, height, data } = patch.raster;
  const flat = rings.map((ring) => ring.flatMap(({ x, y }) => [x - patch.x, y - patch.y]));
  const { counts } = maskOfRings(flat, width, height);
  const inside = counts.reduce((sum, run, i) => (i % 2 === 1 ? sum + run : sum), 0);
  const every = Math.max(1, Math.ceil(inside / mostValues));
  const values: number[] = [];
  let [at, seen] = [0, 0];
  for (const [i, run] of counts.entries()) {
    // Runs go down the columns, those outside first.
    if (i % 2 === 1) {
      for (let j = at; j < at + run; j++, seen++) {
        if (seen % every === 0) values.push(data[(j % height) * width + Math.floor(j / height)]!);
      }
    }
    at += run;
  }
  return Float64Array.from(values);
}

function valuesInView(viewer: MicrographViewer, size: { width: number; height: number }): ScopeValues | null {
  const { corner, scale, widthPx, heightPx } = viewer.viewport();
  const box = within(
    { minX: corner.x, minY: corner.y, maxX: corner.x + widthPx / scale, maxY: corner.y + heightPx / scale },
    size,
  );
  return box && shownValues(viewer, box, null);
}

/** A grid of values as far as their tiles are there. */
function shownValues(
  viewer: MicrographViewer,
  { minX, minY, maxX, maxY }: ImageBox,
  rings: readonly (readonly Point[])[] | null,
): ScopeValues {
  const values: number[] = [];
  let exact = true;
  const mask = rings && gridMask(rings, { minX, minY, maxX, maxY });
  for (let j = 0; j < viewSteps; j++) {
    for (let i = 0; i < viewSteps; i++) {
      if (mask && !mask[i * viewSteps + j]) continue;
      const x = minX + ((i + 0.5) / viewSteps) * (maxX - minX);
      const y = minY + ((j + 0.5) / viewSteps) * (maxY - minY);
      const reading = viewer.intensityAt(imagePoint(x, y));
      exact &&= reading?.exact ?? false;
      if (reading?.value != null) values.push(reading.value);
    }
  }
  return { values: Float64Array.from(values), exact };
}

/** Which places of the grid lie within the rings, down the columns. */
function gridMask(rings: readonly (readonly Point[])[], box: ImageBox): Uint8Array {
  const [perX, perY] = [viewSteps / (box.maxX - box.minX), viewSteps / (box.maxY - box.minY)];
  const flat = rings.map((ring) =>
    ring.flatMap(({ x, y }) => [(x - box.minX) * perX, (y - box.minY) * perY]),
  );
  const mask = new Uint8Array(viewSteps * viewSteps);
  let at = 0;
  for (const [i, run] of maskOfRings(flat, viewSteps, viewSteps).counts.entries()) {
    if (i % 2 === 1) mask.fill(1, at, at + run);
    at += run;
  }
  return mask;
}

/** What of a box lies in the picture; null where nothing does. */
function within(box: ImageBox, { width, height }: { width: number; height: number }): ImageBox | null {
  const clipped = {
    minX: Math.max(0, box.minX),
    minY: Math.max(0, box.minY),
    maxX: Math.min(width, box.maxX),
    maxY: Math.min(height, box.maxY),
  };
  return clipped.maxX > clipped.minX && clipped.maxY > clipped.minY ? clipped : null;
}
