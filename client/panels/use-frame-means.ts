import { useEffect, useRef, useState } from "react";
import { callApi, sentenceOf } from "#client/state/api-client.ts";
import { useDisplayStore } from "#client/state/display-store.ts";
import type { Job, Micrograph } from "#core/protocol/api/shapes.ts";
import type { StackFrames } from "#core/protocol/api/stack-log.ts";

const pollMs = 700;

export interface FrameMeans {
  /** Mean recorded value of each frame; null where it was not read; null altogether while not asked for. */
  readonly values: readonly (number | null)[] | null;
  /** While the server reads them, 0-1. */
  readonly progress: number | null;
  readonly refusal: string | null;
  toggle(): Promise<void>;
}

/** Mean values of all frames, read by the server when somebody first asks. */
export function useFrameMeans({ id }: Pick<Micrograph, "id">): FrameMeans {
  const signal = useDisplayStore((state) => state.signal);
  const [values, setValues] = useState<FrameMeans["values"]>(null);
  const [progress, setProgress] = useState<number | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const asked = useRef(0);
  // Another signal has other values, and whoever leaves waits for none.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the signal is what makes them stale
  useEffect(() => {
    setValues(null);
    setProgress(null);
    return () => {
      asked.current++;
    };
  }, [id, signal]);

  const toggle = async () => {
    const turn = ++asked.current;
    if (values) return setValues(null);
    setRefusal(null);
    setProgress(0);
    try {
      const query = `?signal=${encodeURIComponent(signal)}`;
      let job = await callApi<Job>("POST", `/micrographs/${id}/frames/statistics${query}`);
      while (job.status === "queued" || job.status === "running") {
        await new Promise((resolve) => setTimeout(resolve, pollMs));
        if (turn !== asked.current) return;
        job = await callApi<Job>("GET", `/jobs/${job.id}`);
        setProgress(job.progress);
      }
      const { frames } = await callApi<StackFrames>("GET", `/micrographs/${id}/frames${query}`);
      if (turn !== asked.current) return;
      setValues(frames.map(({ statistics }) => statistics?.mean ?? null));
      if (job.status === "failed") setRefusal(job.reason ?? "Not every frame could be read.");
    } catch (error) {
      if (turn === asked.current) setRefusal(sentenceOf(error));
    } finally {
      if (turn === asked.current) setProgress(null);
    }
  };
  return { values, progress, refusal, toggle };
}
