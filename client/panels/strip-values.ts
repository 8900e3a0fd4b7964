import { useEffect, useState } from "react";
import { shownSignal, useDisplayStore } from "#client/state/display-store.ts";
import type { MicrographViewer } from "#client/viewer/micrograph-viewer.ts";
import { recordedSoon } from "#client/viewer/recorded-soon.ts";
import { imagePoint } from "#core/geometry/point.ts";
import { lengthScale } from "#core/measurement/length-scale.ts";
import { type Refusal, refusalOf } from "#core/measurement/measurement-error.ts";
import {
  boxUnder,
  emptyProfile,
  placeOnStrip,
  readStrip,
  type Strip,
  type StripProfile,
  stripAlong,
} from "#core/measurement/strip-profile.ts";
import type { ProfileLine } from "./profile-line.ts";
import { useWorkspace } from "./workspace-context.ts";

export interface ReadProfile extends StripProfile {
  readonly ok: true;
  readonly strip: Strip;
  /** Every value comes from recorded level-0 pixels; until then some are means of what is on the screen. */
  readonly exact: boolean;
}

/** Samples read from one patch: its tiles are few enough to be held at once, whatever the direction. */
const pieceSamples = 256;
/** Pieces whose tiles are asked for at once: some 16 of the 32 that are held. */
const askedAhead = 3;
/** A hand that draws wants its frames. */
const sliceMs = 12;

/** The profile of a line on recorded values; what is not there yet is shown as it looks, and replaced. */
export function useStripValues({ p, q, widthPx, bent }: ProfileLine): ReadProfile | Refusal | null {
  const { viewer, micrograph } = useWorkspace();
  const { frame, signal: signalId } = useDisplayStore();
  const { calibration, width, height } = micrograph;
  const [shown, setShown] = useState<ReadProfile | Refusal | null>(null);
  const signal = shownSignal(micrograph, signalId);
  const [px, py, qx, qy] = [p.x, p.y, q.x, q.y];
  // biome-ignore lint/correctness/useExhaustiveDependencies: another frame or signal has other values at the same place
  useEffect(() => {
    if (!viewer) return;
    if (bent) return setShown(bentRefusal);
    let strip: Strip;
    try {
      strip = stripAlong({ x: px, y: py }, { x: qx, y: qy }, widthPx, lengthScale(calibration));
    } catch (error) {
      return setShown(refusalOf(error));
    }
    const stop = new AbortController();
    void readPieces(viewer, { width, height }, strip, stop.signal, setShown);
    return () => stop.abort();
  }, [viewer, px, py, qx, qy, widthPx, calibration, width, height, bent, frame, signal?.id]);
  return shown;
}

const colourRefusal: Refusal = {
  ok: false,
  code: "bad-coordinates",
  message: "A colour picture has no single intensity. Choose a grey signal, or the original of this picture.",
};

const bentRefusal: Refusal = {
  ok: false,
  code: "degenerate-polyline",
  message:
    "Expected a straight line, this one has a bend. Delete the vertices between its ends, or draw another.",
};

/**
 * Reads a strip piece by piece and shows it as it is known: at once with what is at hand, then again with each piece that
 * has come. `exact` is said of the last showing only.
 */
export async function readPieces(
  viewer: Pick<MicrographViewer, "recordedValues" | "foundColour" | "intensityAt">,
  size: { readonly width: number; readonly height: number },
  strip: Strip,
  stop: AbortSignal,
  show: (profile: ReadProfile | Refusal) => void,
): Promise<void> {
  const profile = emptyProfile(strip);
  if (viewer.foundColour()) return show(colourRefusal);
  const publish = (exact: boolean) => {
    if (!stop.aborted) show({ ok: true, strip, exact, ...copyOf(profile) });
  };
  let breath = performance.now();
  const breathe = async () => {
    if (performance.now() - breath < sliceMs) return;
    await new Promise((resolve) => setTimeout(resolve));
    breath = performance.now();
  };
  const pieces: (readonly [from: number, to: number])[] = [];
  for (let from = 0; from < strip.samples; from += pieceSamples) {
    const to = Math.min(strip.samples, from + pieceSamples);
    const { minX, minY, maxX, maxY } = boxUnder(strip, from, to);
    if (maxX > 0 && maxY > 0 && minX < size.width && minY < size.height) pieces.push([from, to]);
  }
  const waiting: typeof pieces = [];
  for (const [from, to] of pieces) {
    // Looking is asking: no more tiles at once than are held.
    const patch = waiting.length < askedAhead ? viewer.recordedValues(boxUnder(strip, from, to)) : null;
    if (patch) readStrip(patch.raster, strip, profile, from, to, patch);
    else {
      waiting.push([from, to]);
      for (let k = from; k < to; k++) {
        const { x, y } = placeOnStrip(strip, k);
        profile.mean[k] = viewer.intensityAt(imagePoint(x, y))?.value ?? Number.NaN;
      }
    }
    await breathe();
    if (stop.aborted) return;
  }
  publish(waiting.length === 0);
  for (const [i, [from, to]] of waiting.entries()) {
    for (const [nextFrom, nextTo] of waiting.slice(i + 1, i + askedAhead)) {
      viewer.recordedValues(boxUnder(strip, nextFrom, nextTo));
    }
    const patch = await recordedSoon(viewer, boxUnder(strip, from, to), stop);
    if (!patch) {
      if (viewer.foundColour() && !stop.aborted) show(colourRefusal);
      return;
    }
    readStrip(patch.raster, strip, profile, from, to, patch);
    publish(i === waiting.length - 1);
    await breathe();
  }
}

function copyOf({ mean, standardError }: StripProfile): StripProfile {
  return { mean: mean.slice(), standardError: standardError.slice() };
}
