import { useMantineColorScheme } from "@mantine/core";
import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from "react";
import type uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useProbeStore } from "#client/state/probe-store.ts";
import { useProfileStore } from "#client/state/profile-store.ts";
import { placeOnStrip } from "#core/measurement/strip-profile.ts";
import { plotLook, standingPlot } from "./plot-look.ts";
import styles from "./profile-panel.module.css";
import type { ReadProfile } from "./strip-values.ts";

interface ProfilePlotProps {
  readonly profile: ReadProfile;
  /** Two places as shares of the line's length. */
  readonly cursors: readonly [number, number];
  readonly setCursors: (cursors: readonly [number, number]) => void;
}

const height = 190;

/** Intensity along the line, mean ± standard error, with two cursors to drag. The plot's own cursor lights up its place on the picture, and the other way round. */
export default function ProfilePlot({ profile, cursors, setCursors }: ProfilePlotProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const handles = [useRef<HTMLDivElement>(null), useRef<HTMLDivElement>(null)] as const;
  const shown = useRef({ profile, cursors });
  shown.current = { profile, cursors };
  const { colorScheme } = useMantineColorScheme();
  const { unit } = profile.strip;

  const placeHandles = () => {
    const u = plot.current;
    if (!u) return;
    const { cursors, profile } = shown.current;
    handles.forEach(({ current: handle }, i) => {
      if (!handle) return;
      handle.style.left = `${u.over.offsetLeft + u.valToPos(cursors[i]! * lengthOf(profile), "x")}px`;
      handle.style.height = `${u.over.clientHeight}px`;
      handle.style.top = `${u.over.offsetTop}px`;
    });
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from the page when the scheme changes
  useEffect(() => {
    const element = host.current!;
    const { colour, axis, accent } = plotLook(element);
    const band = { stroke: "transparent", width: 0, points: { show: false } };
    const standing = standingPlot(
      element,
      {
        height,
        legend: { show: false },
        padding: [8, 10, 0, 0],
        scales: {
          x: { time: false, range: (_u, _low, high) => [0, high] },
          y: { range: (_u, low, high) => roomAround(low, high) },
        },
        axes: [
          { ...axis, size: 28, label: `along the line, ${unit}` },
          { ...axis, size: 56, label: "intensity" },
        ],
        cursor: {
          y: false,
          // On the mean alone: its band has no places of its own.
          points: {
            size: (_u, series) => (series === 3 ? 8 : 0),
            fill: accent,
            stroke: colour("--surface-1"),
          },
          drag: { x: false, y: false },
        },
        series: [{}, band, band, { stroke: accent, width: 1.5, spanGaps: false, points: { show: false } }],
        bands: [{ series: [2, 1], fill: `${accent}55` }],
        hooks: {
          draw: [placeHandles],
          setCursor: [
            (u) => {
              const index = u.cursor.idx;
              const over = (u.cursor.left ?? -1) >= 0 && index != null && u.root.matches(":hover");
              useProfileStore.getState().setPlace(over ? acrossAt(shown.current.profile, index) : null);
            },
          ],
        },
      },
      dataOf(shown.current.profile),
    );
    plot.current = standing.plot;
    placeHandles();
    return () => {
      standing.remove();
      plot.current = null;
      useProfileStore.getState().setPlace(null);
    };
  }, [unit, colorScheme]);

  useEffect(() => void plot.current?.setData(dataOf(profile)), [profile]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the handles follow the cursors
  useEffect(placeHandles, [cursors]);

  // The pointer on the line moves the plot's cursor.
  useEffect(
    () =>
      useProbeStore.subscribe(({ pointer }) => {
        const u = plot.current;
        if (!u || u.root.matches(":hover")) return;
        const at = pointer && alongStrip(shown.current.profile, pointer);
        const left = at === null ? -10 : u.valToPos(at, "x");
        u.setCursor({ left, top: at === null ? -10 : 10 }, false);
      }),
    [],
  );

  const drag = (which: 0 | 1) => (event: PointerEvent<HTMLDivElement>) => {
    const u = plot.current;
    if (!u || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const left = event.clientX - u.over.getBoundingClientRect().left;
    move(which, u.posToVal(left, "x") / lengthOf(profile));
  };
  const move = (which: 0 | 1, to: number) => {
    const bounded = Math.min(1, Math.max(0, to));
    setCursors(which === 0 ? [bounded, cursors[1]] : [cursors[0], bounded]);
  };
  const nudge = (which: 0 | 1) => (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    move(which, cursors[which] + (step * (event.shiftKey ? 10 : 1)) / (profile.strip.samples - 1));
  };
  return (
    <div
      ref={host}
      className={styles.plot}
      role="img"
      aria-label={`Intensity along the line, in ${unit}`}
      data-exact={profile.exact}
      data-lines={profile.strip.lines}
    >
      {([0, 1] as const).map((which) => (
        <div
          key={which}
          ref={handles[which]}
          className={styles.cursor}
          role="slider"
          tabIndex={0}
          aria-label={which === 0 ? "First cursor" : "Second cursor"}
          aria-valuemin={0}
          aria-valuemax={lengthOf(profile)}
          aria-valuenow={cursors[which] * lengthOf(profile)}
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={drag(which)}
          onKeyDown={nudge(which)}
        />
      ))}
    </div>
  );
}

function lengthOf({ strip }: ReadProfile): number {
  return (strip.samples - 1) * strip.step;
}

function dataOf({ strip, mean, standardError }: ReadProfile): uPlot.AlignedData {
  const number = (value: number) => (Number.isFinite(value) ? value : null);
  return [
    Array.from({ length: strip.samples }, (_, k) => k * strip.step),
    Array.from(mean, (value, k) => number(value - standardError[k]!)),
    Array.from(mean, (value, k) => number(value + standardError[k]!)),
    Array.from(mean, number),
  ];
}

/** A tenth above and below; a constant gets room as well. */
function roomAround(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null || !Number.isFinite(low + high)) return [0, 1];
  const room = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}

/** Across the strip at a sample: what the picture shows of the plot's cursor. */
function acrossAt({ strip }: ReadProfile, k: number) {
  const { x, y } = placeOnStrip(strip, k);
  const half = strip.lines / 2;
  const { across } = strip;
  return {
    from: { x: x - half * across.x, y: y - half * across.y },
    to: { x: x + half * across.x, y: y + half * across.y },
  };
}

/** Distance along the strip of a place on it; null beside it. */
function alongStrip({ strip }: ReadProfile, at: { readonly x: number; readonly y: number }): number | null {
  const [dx, dy] = [at.x - strip.p.x, at.y - strip.p.y];
  const { along, across } = strip;
  const determinant = along.x * across.y - along.y * across.x;
  const k = (dx * across.y - dy * across.x) / determinant;
  const side = (along.x * dy - along.y * dx) / determinant;
  if (k < 0 || k > strip.samples - 1 || Math.abs(side) > Math.max(4, strip.lines / 2)) return null;
  return k * strip.step;
}
