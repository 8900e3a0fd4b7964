import { useMantineColorScheme } from "@mantine/core";
import { type PointerEvent, useEffect, useRef, useState } from "react";
import { useDisplayStore } from "#client/state/display-store.ts";
import { offsetOf, useStackLogStore } from "#client/state/stack-log-store.ts";
import { type ConditionLog, conditionsAt } from "#core/micrograph/condition-log.ts";
import { momentWords, nearestFrame, type TimeSpan, valueWords, zoomSpan } from "./log-lanes.ts";
import { axisHeight, gutterLeft, gutterRight, type LogColours, laneHeight, paintLog } from "./log-painter.ts";
import styles from "./log-strip.module.css";

const zoomStep = 1.2;

interface LogTraceProps {
  readonly log: ConditionLog;
  readonly frameTimesS: readonly number[];
  readonly means: readonly (number | null)[] | null;
  readonly span: TimeSpan;
  readonly setSpan: (span: TimeSpan) => void;
  /** Dragging moves the log under the frames instead of going through them. */
  readonly moves: boolean;
  /** The log was moved there by hand and let go. */
  readonly onMoved: (offsetS: number) => void;
}

/** The traces: a click or drag goes to the frame, moving shifts the log, the wheel comes nearer. */
export function LogTrace({ log, frameTimesS, means, span, setSpan, moves, onMoved }: LogTraceProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drag = useRef<{ readonly x: number; readonly offsetS: number } | null>(null);
  const [hoverS, setHoverS] = useState<number | null>(null);
  const [widthPx, setWidthPx] = useState(0);
  const frame = useDisplayStore((state) => state.frame);
  const offsetS = useStackLogStore(offsetOf);
  const { colorScheme } = useMantineColorScheme();

  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from the page when the scheme changes; the width is the element's
  useEffect(() => {
    paintLog(
      canvas.current!,
      { log, offsetS, span, frameTimesS, frame, means, hoverS },
      coloursOf(canvas.current!),
    );
  }, [log, offsetS, span, frameTimesS, frame, means, hoverS, widthPx, colorScheme]);

  useEffect(() => {
    const element = canvas.current!;
    const resize = new ResizeObserver(() => setWidthPx(element.clientWidth));
    resize.observe(element);
    return () => resize.disconnect();
  }, []);

  const latest = useRef({ span, setSpan });
  latest.current = { span, setSpan };
  useEffect(() => {
    const element = canvas.current!;
    // React's wheel listeners are passive: the page would zoom with the trace.
    const zoom = (event: WheelEvent) => {
      event.preventDefault();
      const { span: now, setSpan: show } = latest.current;
      const factor = event.deltaY > 0 ? zoomStep : 1 / zoomStep;
      show(zoomSpan(now, factor, momentAt(element, now, event.clientX)));
    };
    element.addEventListener("wheel", zoom, { passive: false });
    return () => element.removeEventListener("wheel", zoom);
  }, []);

  const goTo = (momentS: number) => {
    const { setPlaying, setFrame } = useDisplayStore.getState();
    setPlaying(false);
    setFrame(nearestFrame(frameTimesS, momentS));
  };
  const offsetAt = (event: PointerEvent) => {
    const plot = Math.max(1, canvas.current!.clientWidth - gutterLeft - gutterRight);
    return drag.current!.offsetS - ((event.clientX - drag.current!.x) * (span.to - span.from)) / plot;
  };

  const press = (event: PointerEvent) => {
    if (event.button !== 0) return;
    canvas.current!.setPointerCapture(event.pointerId);
    if (moves || event.shiftKey) drag.current = { x: event.clientX, offsetS };
    else goTo(momentAt(canvas.current!, span, event.clientX));
  };
  const move = (event: PointerEvent) => {
    const momentS = momentAt(canvas.current!, span, event.clientX);
    setHoverS(momentS);
    if (drag.current) useStackLogStore.getState().setDraftOffset(offsetAt(event));
    else if (canvas.current!.hasPointerCapture(event.pointerId)) goTo(momentS);
  };
  const release = (event: PointerEvent) => {
    if (!drag.current) return;
    const placed = offsetAt(event);
    const moved = event.clientX !== drag.current.x;
    drag.current = null;
    if (moved) onMoved(placed);
  };
  const giveUp = () => {
    if (!drag.current) return;
    drag.current = null;
    useStackLogStore.getState().setDraftOffset(null);
  };

  const shown = hoverS === null ? [] : conditionsAt(log, hoverS + offsetS);
  return (
    <div className={styles.trace}>
      <canvas
        ref={canvas}
        data-moves={moves}
        style={{ height: (log.channels.length + (means ? 1 : 0)) * laneHeight + axisHeight }}
        role="img"
        aria-label={`${log.channels.map(({ label, unit }) => `${label} in ${unit}`).join(", ")} over the time of the frames`}
        onPointerDown={press}
        onPointerMove={move}
        onPointerUp={release}
        onPointerCancel={giveUp}
        onPointerLeave={() => setHoverS(null)}
      />
      {hoverS !== null && (
        <div
          className={`${styles.hover} numbers`}
          data-side={hoverS > (span.from + span.to) / 2 ? "left" : "right"}
          style={{ left: `${xShare(canvas.current, span, hoverS)}px` }}
        >
          <span>{momentWords(hoverS)}</span>
          {shown.length === 0 && <span className="dim">outside the log</span>}
          {shown.map(({ label, unit, value, quantity }) => (
            <span key={label}>
              <i data-quantity={quantity} />
              {valueWords(value)} {unit}
            </span>
          ))}
        </div>
      )}
    </div>
  );
}

/** Seconds since the first frame under a place of the screen. */
function momentAt(canvas: HTMLCanvasElement, { from, to }: TimeSpan, clientX: number): number {
  const { left, width } = canvas.getBoundingClientRect();
  const plot = Math.max(1, width - gutterLeft - gutterRight);
  return from + (Math.min(Math.max(clientX - left - gutterLeft, 0), plot) / plot) * (to - from);
}

function xShare(canvas: HTMLCanvasElement | null, { from, to }: TimeSpan, momentS: number): number {
  const plot = (canvas?.clientWidth ?? 0) - gutterLeft - gutterRight;
  return gutterLeft + ((momentS - from) / (to - from)) * plot;
}

function coloursOf(element: HTMLElement): LogColours {
  const css = getComputedStyle(element);
  const colour = (name: string) => css.getPropertyValue(name).trim();
  return {
    background: colour("--surface-1"),
    text: colour("--mantine-color-text"),
    dim: colour("--mantine-color-dimmed"),
    hairline: colour("--hairline"),
    accent: colour("--mantine-color-accent-5"),
    outside: colour("--surface-0"),
    traces: {
      potential: colour("--trace-potential"),
      current: colour("--trace-current"),
      temperature: colour("--trace-temperature"),
    },
  };
}
