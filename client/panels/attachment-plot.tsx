import { useMantineColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import type uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { AttachmentShape, ColumnsShape } from "#core/protocol/api/attachments.ts";
import styles from "./attachments-section.module.css";
import { plotLook, standingPlot } from "./plot-look.ts";

const height = 180;
const strokes = ["--mantine-color-accent-4", "--warning", "--danger", "--mantine-color-bright"];

/** Columns of numbers as the file holds them: each against the first, in its own units. */
export default function AttachmentPlot(props: {
  readonly projectId: string;
  readonly attachment: AttachmentShape;
}) {
  const { projectId, attachment } = props;
  const columns = useResource(`columns ${attachment.id}`, () =>
    endpoints.attachmentColumns(projectId, attachment.id),
  );
  if (columns.error) return <p className="dim small">{sentenceOf(columns.error)}</p>;
  if (!columns.value) return <div className={styles.plot} aria-busy="true" />;
  return <Plot columns={columns.value} name={attachment.fileName} />;
}

function Plot({ columns, name }: { readonly columns: ColumnsShape; readonly name: string }) {
  const host = useRef<HTMLDivElement>(null);
  const { colorScheme } = useMantineColorScheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from the page when the scheme changes
  useEffect(() => {
    const element = host.current!;
    const { colour, axis } = plotLook(element);
    const shown = columns.ys.slice(0, strokes.length);
    const options: Omit<uPlot.Options, "width"> = {
      height,
      legend: { show: shown.length > 1 },
      padding: [8, 8, 0, 0],
      // A cyclic voltammogram goes back and forth: drawn as the rows come.
      scales: { x: { time: false } },
      axes: [
        { ...axis, size: 28, label: columns.x.label },
        { ...axis, size: 48, ...(shown.length === 1 ? { label: shown[0]!.label } : {}) },
      ],
      cursor: { y: false, drag: { x: true, y: false } },
      series: [
        { label: columns.x.label },
        ...shown.map(({ label }, i) => ({
          label,
          stroke: colour(strokes[i]!),
          width: 1.25,
          points: { show: false },
        })),
      ],
    };
    return standingPlot(element, options, [columns.x.values, ...shown.map(({ values }) => values)]).remove;
  }, [columns, colorScheme]);
  return (
    <div
      ref={host}
      role="img"
      aria-label={`${name}: ${columns.ys.map(({ label }) => label).join(", ")} against ${columns.x.label}`}
    />
  );
}
