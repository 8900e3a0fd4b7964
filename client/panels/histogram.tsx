import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import styles from "./histogram.module.css";

interface HistogramProps {
  /** Counts of equal bins between min and max. */
  readonly counts: readonly number[];
  readonly min: number;
  readonly max: number;
  readonly low: number;
  readonly high: number;
  readonly change: (low: number, high: number) => void;
}

const height = 112;

/** Counts of the recorded values (square root: faint tails stay visible) with the window to drag: either edge, or all of it. */
export function Histogram({ counts, min, max, low, high, change }: HistogramProps) {
  const box = useRef<HTMLDivElement>(null);
  const drag = useRef<{ part: "low" | "high" | "both"; from: number; low: number; high: number } | null>(
    null,
  );
  const span = max - min || 1;
  const least = span / 4096;
  const percent = (value: number) => Math.min(100, Math.max(0, ((value - min) / span) * 100));
  const valueAt = (clientX: number) => {
    const { left, width } = box.current!.getBoundingClientRect();
    return min + ((clientX - left) / width) * span;
  };
  const start = (event: PointerEvent<HTMLDivElement>) => {
    const value = valueAt(event.clientX);
    const reach = (10 / box.current!.clientWidth) * span;
    const toLow = Math.abs(value - low);
    const toHigh = Math.abs(value - high);
    const part =
      Math.min(toLow, toHigh) < reach
        ? toLow < toHigh
          ? "low"
          : "high"
        : value < low
          ? "low"
          : value > high
            ? "high"
            : "both";
    drag.current = { part, from: value, low, high };
    event.currentTarget.setPointerCapture(event.pointerId);
    move(event);
  };
  const move = (event: PointerEvent<HTMLDivElement>) => {
    if (!drag.current) return;
    const { part, from, low: low0, high: high0 } = drag.current;
    const value = valueAt(event.clientX);
    if (part === "low") change(Math.min(value, high0 - least), high0);
    else if (part === "high") change(low0, Math.max(value, low0 + least));
    else change(low0 + value - from, high0 + value - from);
  };
  const nudge = (which: "low" | "high") => (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const by = (step * span * (event.shiftKey ? 10 : 1)) / 256;
    if (which === "low") change(Math.min(low + by, high - least), high);
    else change(low, Math.max(high + by, low + least));
  };
  const handle = (which: "low" | "high", value: number) => (
    <div
      className={styles.handle}
      style={{ left: `${percent(value)}%` }}
      role="slider"
      tabIndex={0}
      aria-label={which === "low" ? "Shown black" : "Shown white"}
      aria-valuemin={min}
      aria-valuemax={max}
      aria-valuenow={value}
      onKeyDown={nudge(which)}
    />
  );
  return (
    <div
      ref={box}
      className={styles.box}
      style={{ height }}
      onPointerDown={start}
      onPointerMove={move}
      onPointerUp={() => {
        drag.current = null;
      }}
      onPointerCancel={() => {
        drag.current = null;
      }}
    >
      <svg viewBox={`0 0 ${counts.length} 100`} preserveAspectRatio="none" aria-hidden="true">
        <path d={outlineOf(counts)} />
      </svg>
      <div className={styles.outside} style={{ left: 0, width: `${percent(low)}%` }} />
      <div className={styles.outside} style={{ right: 0, width: `${100 - percent(high)}%` }} />
      {handle("low", low)}
      {handle("high", high)}
    </div>
  );
}

function outlineOf(counts: readonly number[]): string {
  const most = Math.sqrt(Math.max(1, ...counts));
  const steps = counts.map((count, i) => `V${(100 - (96 * Math.sqrt(count)) / most).toFixed(2)}H${i + 1}`);
  return `M0 100${steps.join("")}V100Z`;
}
