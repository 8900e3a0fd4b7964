import { useRef, useState } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import { stackLogEndpoints, useStackLogStore } from "#client/state/stack-log-store.ts";

export interface LogWork {
  readonly busy: boolean;
  /** Why the last thing asked for was not done. */
  readonly refusal: string | null;
  attach(file: File): Promise<void>;
  place(offsetS: number, frameIntervalS?: number): Promise<void>;
  remove(): Promise<void>;
}

/** What is asked of the server; what it answers comes back by the record room, here as to everybody. */
export function useLogWork(micrographId: string): LogWork {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const last = useRef(Promise.resolve());
  // One after the other: what was asked last counts, also where the network would let it overtake.
  const run = (work: () => Promise<unknown>) => {
    const mine = last.current.then(async () => {
      setRefusal(null);
      try {
        await work();
      } catch (error) {
        useStackLogStore.getState().setDraftOffset(null);
        setRefusal(sentenceOf(error));
      } finally {
        if (last.current === mine) setBusy(false);
      }
    });
    last.current = mine;
    setBusy(true);
    return mine;
  };
  return {
    busy,
    refusal,
    attach: (file) => run(() => stackLogEndpoints.attach(micrographId, file)),
    place: (offsetS, frameIntervalS) => {
      // Stays where it was let go until the room says the same.
      useStackLogStore.getState().setDraftOffset(offsetS);
      const placement = { offsetS, ...(frameIntervalS === undefined ? {} : { frameIntervalS }) };
      return run(() => stackLogEndpoints.place(micrographId, placement));
    },
    remove: () => run(() => stackLogEndpoints.remove(micrographId)),
  };
}
