import { useEffect, useRef, useState } from "react";
import { shownSignal, useDisplayStore } from "#client/state/display-store.ts";
import { useFourierStore } from "#client/state/fourier-store.ts";
import { recordedSoon } from "#client/viewer/recorded-soon.ts";
import type { PowerSpectrum } from "#core/measurement/fourier-spectrum.ts";
import type { SpectrumAnswer, SpectrumRequest } from "./fourier-worker.ts";
import { useWorkspace } from "./workspace-context.ts";

export interface LiveSpectrum {
  readonly spectrum: PowerSpectrum | null;
  /** Why there is none. */
  readonly refusal: string | null;
  /** Shown is the one before: values are coming, or are being transformed. */
  readonly busy: boolean;
}

/** The spectrum of the square, transformed beside the page: while the square is dragged, the newest place only. */
export function useLiveSpectrum(): LiveSpectrum {
  const { viewer, micrograph } = useWorkspace();
  const { region, window } = useFourierStore();
  const { frame, signal: signalId } = useDisplayStore();
  const signal = shownSignal(micrograph, signalId);
  const [live, setLive] = useState<LiveSpectrum>({ spectrum: null, refusal: null, busy: true });
  const transform = useTransformer();

  // biome-ignore lint/correctness/useExhaustiveDependencies: another frame or signal has other values in the same square
  useEffect(() => {
    if (!viewer) return;
    const refuse = (refusal: string) => setLive({ spectrum: null, refusal, busy: false });
    if (!region) return refuse("The picture is smaller than 64 px: too small for a square.");
    const stop = new AbortController();
    setLive((before) => ({ ...before, busy: true }));
    const { x, y, side } = region;
    const box = { minX: x, minY: y, maxX: x + side, maxY: y + side };
    void (async () => {
      const patch = await recordedSoon(viewer, box, stop.signal);
      if (stop.signal.aborted) return;
      if (!patch && viewer.foundColour()) {
        return refuse("A colour picture has no single intensity to transform. Choose a grey signal.");
      }
      if (!patch) return refuse("The values of this square did not come. Move it a little to try again.");
      const values = patch.raster.data as Float64Array;
      const answer = await transform({ values, side, window });
      if (stop.signal.aborted) return;
      if (!answer.ok) return refuse(answer.message);
      const { power, finiteShare } = answer;
      setLive({ spectrum: { side, window, power, finiteShare }, refusal: null, busy: false });
    })();
    return () => stop.abort();
  }, [viewer, region, window, frame, signal?.id]);
  return live;
}

type Wanted = Omit<SpectrumRequest, "turn">;

/** One worker for as long as the panel is open. While it works, only the last request waits. */
function useTransformer() {
  const own = useRef<{ readonly ask: (wanted: Wanted) => Promise<SpectrumAnswer> } | null>(null);
  useEffect(() => {
    const worker = new Worker(new URL("./fourier-worker.ts", import.meta.url), { type: "module" });
    const waiting = new Map<number, (answer: SpectrumAnswer) => void>();
    let turn = 0;
    let next: { readonly request: SpectrumRequest } | null = null;
    const send = (request: SpectrumRequest) => worker.postMessage(request, [request.values.buffer]);
    worker.onmessage = ({ data }: MessageEvent<SpectrumAnswer>) => {
      waiting.get(data.turn)?.(data);
      waiting.delete(data.turn);
      if (next) send(next.request);
      next = null;
    };
    own.current = {
      ask: (wanted) =>
        new Promise((resolve) => {
          const request = { ...wanted, turn: ++turn };
          const working = waiting.size > 0;
          if (next) waiting.delete(next.request.turn);
          next = working ? { request } : null;
          waiting.set(turn, resolve);
          if (!working) send(request);
        }),
    };
    return () => {
      worker.terminate();
      own.current = null;
    };
  }, []);
  return (wanted: Wanted) => own.current!.ask(wanted);
}
