import { useMantineColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import type uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { stationIndexAt } from "#client/state/gap-store.ts";
import { useProbeStore } from "#client/state/probe-store.ts";
import type { InterfaceNumbers } from "#core/analysis/interface-report.ts";
import styles from "./gap-plot.module.css";
import { plotLook, standingPlot } from "./plot-look.ts";

const height = 176;

/** g(s) along the substrate, with the threshold and the delaminated stretches; its cursor and the picture's are one. */
export default function GapPlot({ id, report }: { readonly id: string; readonly report: InterfaceNumbers }) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shown = useRef(report);
  shown.current = report;
  const { colorScheme } = useMantineColorScheme();
  const { unit } = report;

  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from the page when the scheme changes
  useEffect(() => {
    const element = host.current!;
    const { colour, axis, accent } = plotLook(element);
    const standing = standingPlot(
      element,
      {
        height,
        legend: { show: false },
        padding: [8, 8, 0, 0],
        scales: {
          x: { time: false },
          y: { range: (_u, low, high) => [Math.min(0, low), Math.max(high, 1e-9) * 1.08] },
        },
        axes: [
          { ...axis, size: 28, label: `along the substrate, ${unit}` },
          { ...axis, size: 40, label: `gap, ${unit}` },
        ],
        cursor: {
          y: false,
          points: { size: 8, fill: accent, stroke: colour("--surface-1") },
          drag: { x: false, y: false },
        },
        series: [{}, { stroke: accent, width: 1.5, spanGaps: false, points: { show: false } }],
        hooks: {
          drawClear: [(u) => drawRuns(u, shown.current, colour("--warning"))],
          setCursor: [
            (u) => {
              const index = u.cursor.idx;
              const over = (u.cursor.left ?? -1) >= 0 && index != null;
              useProbeStore
                .getState()
                .setProbe(over ? id : null, over ? shown.current.stations.s[index]! : null);
            },
          ],
        },
      },
      dataOf(shown.current),
    );
    plot.current = standing.plot;
    return () => {
      standing.remove();
      plot.current = null;
    };
  }, [id, unit, colorScheme]);

  useEffect(() => void plot.current?.setData(dataOf(report)), [report]);

  useEffect(
    () =>
      useProbeStore.subscribe(({ interfaceId, station }) => {
        const u = plot.current;
        // The plot's own hover already stands there.
        if (!u || u.root.matches(":hover")) return;
        if (interfaceId !== id || station === null) return u.setCursor({ left: -10, top: -10 }, false);
        const { s } = shown.current.stations;
        u.setCursor({ left: u.valToPos(s[stationIndexAt(s, station)]!, "x"), top: 10 }, false);
      }),
    [id],
  );

  return (
    <div ref={host} className={styles.plot} role="img" aria-label={`Gap along the substrate in ${unit}`} />
  );
}

function dataOf({ stations }: InterfaceNumbers): uPlot.AlignedData {
  return [
    stations.s as unknown as number[],
    Array.from(stations.gap, (gap) => (Number.isNaN(gap) ? null : gap)),
  ];
}

/** Delaminated stretches as a wash, the threshold as a broken line; both under the curve. */
function drawRuns(u: uPlot, { delamination }: InterfaceNumbers, colour: string): void {
  const { ctx, bbox } = u;
  const y = u.valToPos(delamination.threshold, "y", true);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = colour;
  ctx.globalAlpha = 0.16;
  for (const { start, end } of delamination.runs) {
    const left = u.valToPos(start, "x", true);
    ctx.fillRect(left, bbox.top, u.valToPos(end, "x", true) - left, bbox.height);
  }
  ctx.globalAlpha = 0.9;
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}
