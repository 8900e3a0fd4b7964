import { create } from "zustand";
import {
  type Condition,
  type ConditionLog,
  conditionsAt,
  frameTimeS,
} from "#core/micrograph/condition-log.ts";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import type { PlaceLog, StackLogAnswer } from "#core/protocol/api/stack-log.ts";
import type { StackLog } from "#core/schema/records/stack-log.ts";
import { ApiError, callApi, sentenceOf } from "./api-client.ts";
import type { ProjectRecords } from "./project-records.ts";

export interface StackLogState {
  /** As the record room says, live. */
  readonly version: StackLog | null;
  /** Its samples, once they are here. */
  readonly log: ConditionLog | null;
  /** Why the samples are not here. */
  readonly reason: string | null;
  /** While somebody moves the log under the frames on this screen. */
  readonly draftOffsetS: number | null;
  /** The strip under the picture. */
  readonly shown: boolean;
  setShown(shown: boolean): void;
  setDraftOffset(offsetS: number | null): void;
}

const nothing = { version: null, log: null, reason: null, draftOffsetS: null };

export const useStackLogStore = create<StackLogState>()((set) => ({
  ...nothing,
  shown: false,
  setShown: (shown) => set({ shown }),
  setDraftOffset: (draftOffsetS) => set({ draftOffsetS }),
}));

/** Keeps the store with the log that counts for this stack. @returns stops it */
export function followStackLog(micrographId: string, records: ProjectRecords): () => void {
  let loaded: string | null = null;
  let stopped = false;
  let opening = true;
  const follow = async () => {
    // A log that was there when the stack was opened is shown; one that somebody attaches later pops up on nobody.
    const wasThere = opening;
    if (records.getState().synced) opening = false;
    const version = records.getState().log;
    if (version?.id === useStackLogStore.getState().version?.id) return;
    useStackLogStore.setState({ version, draftOffsetS: null });
    const sha256 = version?.file?.sha256 ?? null;
    if (sha256 === loaded) return;
    loaded = sha256;
    useStackLogStore.setState({ log: null, reason: null });
    if (sha256 === null) return;
    if (wasThere) useStackLogStore.setState({ shown: true });
    try {
      const log = samplesOf(await callApi<StackLogAnswer>("GET", `/micrographs/${micrographId}/log`));
      if (!stopped && loaded === sha256) useStackLogStore.setState({ log });
    } catch (error) {
      if (!stopped && loaded === sha256) useStackLogStore.setState({ reason: sentenceOf(error) });
    }
  };
  useStackLogStore.setState({ ...nothing, shown: false });
  const leave = records.subscribe(() => void follow());
  void follow();
  return () => {
    stopped = true;
    leave();
    useStackLogStore.setState({ ...nothing, shown: false });
  };
}

function samplesOf({ startedAt, timesS, channels, leftOut }: StackLogAnswer): ConditionLog {
  return {
    startedAt,
    leftOut,
    timesS: Float64Array.from(timesS),
    channels: channels.map((channel) => ({
      ...channel,
      values: Float64Array.from(channel.values, (value) => value ?? Number.NaN),
    })),
  };
}

/** The first frame on the log's clock, as it is or as it is being moved. */
export function offsetOf({ version, draftOffsetS }: Pick<StackLogState, "version" | "draftOffsetS">): number {
  return draftOffsetS ?? version?.offsetS ?? 0;
}

/** When a frame was taken, and under which conditions; the server answers the same of the version that counts. */
export function frameConditions(
  { frameTimesS }: Pick<Micrograph, "frameTimesS">,
  frame: number,
  state: Pick<StackLogState, "version" | "log" | "draftOffsetS">,
): { readonly timeS: number | null; readonly conditions: readonly Condition[] } {
  const timeS = frameTimeS(frameTimesS, state.version?.frameIntervalS ?? null, frame);
  if (timeS === null || !state.log) return { timeS, conditions: [] };
  return { timeS, conditions: conditionsAt(state.log, timeS + offsetOf(state)) };
}

/** What a page asks of the server about the log of a stack. */
export const stackLogEndpoints = {
  async attach(micrographId: string, file: File): Promise<void> {
    const path = `/micrographs/${micrographId}/log?name=${encodeURIComponent(file.name)}`;
    const response = await fetch(`/api/v1${path}`, {
      method: "POST",
      headers: { "x-lamella": "1", "content-type": "application/octet-stream", accept: "application/json" },
      credentials: "same-origin",
      body: file,
    }).catch(() => {
      throw new ApiError(0, "unreachable", "The server does not answer. Attach the log again in a moment.");
    });
    if (response.ok) return;
    const answer = (await response.json().catch(() => null)) as {
      error?: { code: string; message: string };
    } | null;
    const { code = "unknown", message = `The server answered ${response.status}. Try again.` } =
      answer?.error ?? {};
    throw new ApiError(response.status, code, message);
  },
  place: (micrographId: string, placement: PlaceLog) =>
    callApi<StackLog>("PUT", `/micrographs/${micrographId}/log`, placement),
  remove: (micrographId: string) => callApi<void>("DELETE", `/micrographs/${micrographId}/log`),
  framesTable: (micrographId: string) => `/api/v1/micrographs/${micrographId}/frames.csv`,
} as const;
