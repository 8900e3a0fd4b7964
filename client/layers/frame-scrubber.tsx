import { useEffect } from "react";
import type { AnnotationSession } from "#client/session/annotation-session.ts";
import { useDisplayStore } from "#client/state/display-store.ts";
import type { MicrographViewer } from "#client/viewer/micrograph-viewer.ts";
import styles from "./canvas.module.css";
import { frameTimeWords } from "./frame-time-words.ts";
import { useMarkedFrames } from "./marked-frames.ts";

/** As fast as the eye follows a change in a micrograph; slower where the frames take longer to come. */
const playMs = 120;

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
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => {
      // Never ahead of the picture: every frame is seen.
      if (!viewer.frameShown()) return;
      const { frame: now, setFrame: show } = useDisplayStore.getState();
      show((now + 1) % frames);
    }, playMs);
    return () => clearInterval(timer);
  }, [playing, viewer, frames]);
  useEffect(() => () => useDisplayStore.getState().setPlaying(false), []);
  const go = (to: number) => {
    setPlaying(false);
    setFrame(Math.min(frames - 1, Math.max(0, to)));
  };
  const time = frameTimeWords(frameTimesS, frame);
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
    </div>
  );
}

/** Where the middle of a slider's thumb (16 px wide) stands. */
function underThumb(share: number): string {
  return `calc(8px + ${share} * (100% - 16px))`;
}
