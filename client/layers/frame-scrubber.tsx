import { useEffect, useMemo, useState } from "react";
import type { AnnotationSession } from "#client/session/annotation-session.ts";
import { useDisplayStore } from "#client/state/display-store.ts";
import { useStackLogStore } from "#client/state/stack-log-store.ts";
import type { MicrographViewer } from "#client/viewer/micrograph-viewer.ts";
import { frameTimeS } from "#core/micrograph/condition-log.ts";
import styles from "./canvas.module.css";
import { frameTimeWords } from "./frame-time-words.ts";
import { useMarkedFrames } from "./marked-frames.ts";
import { firstRate, frameDue, type PlayRate, playRates } from "./playback.ts";

/** As often as a frame taken by the clock is looked for. */
const clockMs = 16;

interface FrameScrubberProps {
  readonly viewer: MicrographViewer;
  readonly frames: number;
  readonly frameTimesS: readonly number[] | null;
  readonly session: Pick<AnnotationSession, "current">;
}

/** The frames of a stack: drag through them, step, or let them run. */
export function FrameScrubber({ viewer, frames, frameTimesS, session }: FrameScrubberProps) {
  const marked = useMarkedFrames(session);
  const { frame, playing, setFrame, setPlaying } = useDisplayStore();
  const timesS = useTimes(frames, frameTimesS);
  const [label, setLabel] = useState(firstRate);
  const offered = playRates.filter(({ rate }) => rate.kind === "even" || timesS !== null);
  const { rate } = offered.find((choice) => choice.label === label) ?? offered[0]!;
  usePlaying(playing ? rate : null, viewer, frames, timesS);
  useEffect(() => () => useDisplayStore.getState().setPlaying(false), []);
  const go = (to: number) => {
    setPlaying(false);
    setFrame(Math.min(frames - 1, Math.max(0, to)));
  };
  const time = frameTimeWords(timesS, frame);
  return (
    <div className={styles.scrubber} data-own-pointers data-testid="frame-scrubber">
      <button
        type="button"
        aria-label="Previous frame"
        title="Previous frame (,)"
        onClick={() => go(frame - 1)}
      >
        ‹
      </button>
      <button
        type="button"
        aria-label={playing ? "Stop" : "Play"}
        title={playing ? "Stop" : "Play the frames"}
        aria-pressed={playing}
        onClick={() => setPlaying(!playing)}
      >
        {playing ? "❚❚" : "▶"}
      </button>
      <button type="button" aria-label="Next frame" title="Next frame (.)" onClick={() => go(frame + 1)}>
        ›
      </button>
      <div className={styles.track}>
        <input
          type="range"
          aria-label="Frame"
          min={0}
          max={frames - 1}
          step={1}
          value={frame}
          onChange={(event) => go(Number(event.currentTarget.value))}
        />
        {marked.map((at) => (
          <i key={at} title={`Marks on frame ${at + 1}`} style={{ left: underThumb(at / (frames - 1)) }} />
        ))}
      </div>
      <output>
        {frame + 1} / {frames}
        {time && <span> · {time}</span>}
      </output>
      <select
        aria-label="Speed of playing"
        title={timesS ? "Speed of playing" : "Speed of playing; the file gives no times for its frames"}
        value={label}
        onChange={(event) => setLabel(event.currentTarget.value)}
      >
        {offered.map((choice) => (
          <option key={choice.label}>{choice.label}</option>
        ))}
      </select>
      <LogSwitch />
    </div>
  );
}

/** The log of the experiment, under the picture. */
function LogSwitch() {
  const { shown, setShown } = useStackLogStore();
  return (
    <button
      type="button"
      aria-pressed={shown}
      title={shown ? "Hide the log" : "Potential, current, temperature over time"}
      onClick={() => setShown(!shown)}
    >
      Log
    </button>
  );
}

/** Seconds from the first frame: the file's, or by the interval that a person gave; null where nobody knows. */
function useTimes(frames: number, frameTimesS: readonly number[] | null): readonly number[] | null {
  const interval = useStackLogStore((state) => state.version?.frameIntervalS ?? null);
  return useMemo(() => {
    if (!frameTimesS && interval === null) return null;
    return Array.from({ length: frames }, (_, i) => frameTimeS(frameTimesS, interval, i)!);
  }, [frames, frameTimesS, interval]);
}

/** Lets the frames run at a rate; null stops them. */
function usePlaying(
  rate: PlayRate | null,
  viewer: MicrographViewer,
  frames: number,
  timesS: readonly number[] | null,
): void {
  useEffect(() => {
    if (!rate) return;
    const show = (to: number) => {
      if (to !== useDisplayStore.getState().frame) useDisplayStore.getState().setFrame(to);
    };
    if (rate.kind === "even" || !timesS) {
      const everyMs = 1000 / (rate.kind === "even" ? rate.framesPerS : 8);
      const timer = setInterval(() => {
        if (viewer.frameShown()) show((useDisplayStore.getState().frame + 1) % frames);
      }, everyMs);
      return () => clearInterval(timer);
    }
    const start = { frame: useDisplayStore.getState().frame, atMs: performance.now() };
    const timer = setInterval(() => {
      // Time goes on while a picture is fetched; the next one shown is the one due then.
      if (viewer.frameShown()) show(frameDue(timesS, rate.speed, start, performance.now()));
    }, clockMs);
    return () => clearInterval(timer);
  }, [rate, viewer, frames, timesS]);
}

/** Where the middle of a slider's thumb (16 px wide) stands. */
function underThumb(share: number): string {
  return `calc(8px + ${share} * (100% - 16px))`;
}
