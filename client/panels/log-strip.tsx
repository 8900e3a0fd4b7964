import { ActionIcon, Button, SegmentedControl } from "@mantine/core";
import { IconAlertCircle, IconArrowsHorizontal, IconChartLine, IconX } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { offsetOf, useStackLogStore } from "#client/state/stack-log-store.ts";
import { frameTimeS } from "#core/micrograph/condition-log.ts";
import type { StackLog } from "#core/schema/records/stack-log.ts";
import { AttachButton, IntervalField, LogMenu, OffsetField } from "./log-controls.tsx";
import { spanOfAll, spanOfFrames, type TimeSpan } from "./log-lanes.ts";
import styles from "./log-strip.module.css";
import { LogTrace } from "./log-trace.tsx";
import { useFrameMeans } from "./use-frame-means.ts";
import { useLogWork } from "./use-log-work.ts";
import { useRight, useWorkspace } from "./workspace-context.ts";

/** The log beside a stack, under its picture: traces over the time of the frames, and where the frames lie on it. */
export default function LogStrip() {
  const { micrograph } = useWorkspace();
  const { version, log, reason, setShown } = useStackLogStore();
  const annotate = useRight("annotate");
  const work = useLogWork(micrograph.id);
  const times = useFrameTimes(version);
  const [shownSpan, setSpan] = useState<TimeSpan | "frames" | "all">("frames");
  const [moves, setMoves] = useState(false);
  const means = useFrameMeans(micrograph);
  const offsetS = useStackLogStore(offsetOf);

  if (!version)
    return (
      <section className={styles.strip} aria-label="Log">
        <div className={styles.empty}>
          <IconChartLine size={18} />
          <span>
            No log beside this stack. A table with time, potential, current or temperature (CSV, text, EC-Lab
            .mpt) gives each frame its conditions.
          </span>
          <AttachButton disabled={!annotate.allowed} title={annotate.reason} work={work} />
          <Close close={() => setShown(false)} />
        </div>
        <Refusal refusal={work.refusal} />
      </section>
    );

  const span =
    shownSpan === "frames" || !log
      ? spanOfFrames(times ?? [])
      : shownSpan === "all"
        ? spanOfAll(times ?? [], log, offsetS)
        : shownSpan;
  return (
    <section className={styles.strip} aria-label="Log">
      <header className={styles.head}>
        <strong className="ellipsis" title={version.file?.name}>
          {version.file?.name}
        </strong>
        <OffsetField version={version} disabled={!annotate.allowed || !log} place={work.place} />
        <Button
          size="compact-xs"
          variant={moves ? "filled" : "default"}
          leftSection={<IconArrowsHorizontal size={14} />}
          aria-pressed={moves}
          disabled={!annotate.allowed || !log}
          title="Drag the traces under the frames (or hold Shift and drag)"
          onClick={() => setMoves(!moves)}
        >
          Move
        </Button>
        <span className={styles.grow} />
        <SegmentedControl
          size="xs"
          aria-label="Time shown"
          data={[
            { value: "frames", label: "Frames" },
            { value: "all", label: "Whole log" },
          ]}
          value={typeof shownSpan === "string" ? shownSpan : ""}
          onChange={(value) => setSpan(value as "frames" | "all")}
        />
        <LogMenu micrographId={micrograph.id} work={work} means={means} mayChange={annotate.allowed} />
        <Close close={() => setShown(false)} />
      </header>
      <Refusal refusal={work.refusal ?? means.refusal} />
      {!times ? (
        <IntervalField place={(frameIntervalS) => work.place(version.offsetS, frameIntervalS)} />
      ) : log ? (
        <LogTrace
          log={log}
          frameTimesS={times}
          means={means.values}
          span={span}
          setSpan={setSpan}
          moves={moves}
          onMoved={(placed) => void work.place(placed)}
        />
      ) : (
        <p className={styles.note} role={reason ? "alert" : "status"}>
          {reason ?? "The log is being read…"}
        </p>
      )}
    </section>
  );
}

/** Seconds since the first frame, one a frame; null where nobody knows them. */
function useFrameTimes(version: StackLog | null): readonly number[] | null {
  const { frames, frameTimesS } = useWorkspace().micrograph;
  const interval = version?.frameIntervalS ?? null;
  return useMemo(() => {
    const times: number[] = [];
    for (let frame = 0; frame < frames; frame++) {
      const time = frameTimeS(frameTimesS, interval, frame);
      if (time === null) return null;
      times.push(time);
    }
    return times;
  }, [frames, frameTimesS, interval]);
}

function Refusal({ refusal }: { readonly refusal: string | null }) {
  if (refusal === null) return null;
  return (
    <p className={styles.refusal} role="alert">
      <IconAlertCircle size={15} />
      {refusal}
    </p>
  );
}

function Close({ close }: { readonly close: () => void }) {
  return (
    <ActionIcon variant="subtle" aria-label="Hide the log" onClick={close}>
      <IconX size={16} />
    </ActionIcon>
  );
}
