import { ActionIcon, Button, FileButton, Menu, NumberInput, SegmentedControl } from "@mantine/core";
import { IconAlertCircle, IconArrowsHorizontal, IconChartLine, IconDots, IconX } from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import { offsetOf, stackLogEndpoints, useStackLogStore } from "#client/state/stack-log-store.ts";
import { frameTimeS } from "#core/micrograph/condition-log.ts";
import type { StackLog } from "#core/schema/records/stack-log.ts";
import { spanOfAll, spanOfFrames, type TimeSpan } from "./log-lanes.ts";
import styles from "./log-strip.module.css";
import { LogTrace } from "./log-trace.tsx";
import { LogVersions } from "./log-versions.tsx";
import { type FrameMeans, useFrameMeans } from "./use-frame-means.ts";
import { useRight, useWorkspace } from "./workspace-context.ts";

const accepted = ".csv,.txt,.tsv,.mpt,.dat,.log,.asc";
const basisWords: Readonly<Record<StackLog["offsetBasis"], string>> = {
  assumed: "not checked: the log's zero was taken for the first frame",
  clocks: "by the clocks of log and pictures",
  person: "placed by a person",
};

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

interface LogWork {
  readonly busy: boolean;
  /** Why the last thing asked for was not done. */
  readonly refusal: string | null;
  attach(file: File): Promise<void>;
  place(offsetS: number, frameIntervalS?: number): Promise<void>;
  remove(): Promise<void>;
}

/** What is asked of the server; what it answers comes back by the record room, here as to everybody. */
function useLogWork(micrographId: string): LogWork {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const run = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setRefusal(null);
    try {
      await work();
    } catch (error) {
      useStackLogStore.getState().setDraftOffset(null);
      setRefusal(sentenceOf(error));
    } finally {
      setBusy(false);
    }
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

function OffsetField({
  version,
  disabled,
  place,
}: {
  readonly version: StackLog;
  readonly disabled: boolean;
  readonly place: (offsetS: number) => Promise<void>;
}) {
  const offsetS = useStackLogStore(offsetOf);
  const rounded = Number(offsetS.toFixed(3));
  const [typed, setTyped] = useState<number | string>(rounded);
  useEffect(() => setTyped(rounded), [rounded]);
  const commit = () => {
    if (typeof typed === "number" && typed !== rounded) void place(typed);
    else setTyped(rounded);
  };
  return (
    <div className={styles.offset}>
      <label htmlFor="log-offset">Frame 1 at</label>
      <NumberInput
        id="log-offset"
        aria-label="Frame 1 on the log's clock, in seconds"
        size="xs"
        w={96}
        hideControls
        decimalScale={3}
        disabled={disabled}
        value={typed}
        onChange={setTyped}
        onBlur={commit}
        onKeyDown={(event) => event.key === "Enter" && commit()}
      />
      <span>s of the log</span>
      <span className={version.offsetBasis === "assumed" ? styles.unchecked : "dim"}>
        {basisWords[version.offsetBasis]}
      </span>
    </div>
  );
}

/** The file gives no times: nothing is assumed about the rate. */
function IntervalField({ place }: { readonly place: (frameIntervalS: number) => Promise<void> }) {
  const [intervalS, setIntervalS] = useState<number | string>("");
  const annotate = useRight("annotate");
  const valid = typeof intervalS === "number" && intervalS > 0;
  return (
    <form
      className={styles.note}
      onSubmit={(event) => {
        event.preventDefault();
        if (valid) void place(intervalS);
      }}
    >
      <span>The file gives no times for its frames. How far apart were they taken?</span>
      <NumberInput
        aria-label="Seconds between frames"
        size="xs"
        w={110}
        hideControls
        min={0}
        placeholder="seconds"
        suffix=" s"
        value={intervalS}
        onChange={setIntervalS}
      />
      <Button type="submit" size="compact-sm" disabled={!valid || !annotate.allowed} title={annotate.reason}>
        Set
      </Button>
    </form>
  );
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

function AttachButton(props: { readonly disabled: boolean; readonly title: string; readonly work: LogWork }) {
  return (
    <FileButton accept={accepted} onChange={(file) => file && void props.work.attach(file)}>
      {(button) => (
        <Button
          {...button}
          size="compact-sm"
          disabled={props.disabled}
          title={props.title}
          loading={props.work.busy}
        >
          Attach a log…
        </Button>
      )}
    </FileButton>
  );
}

function LogMenu(props: {
  readonly micrographId: string;
  readonly work: LogWork;
  readonly means: FrameMeans;
  readonly mayChange: boolean;
}) {
  return (
    <FileButton accept={accepted} onChange={(file) => file && void props.work.attach(file)}>
      {(button) => (
        <Menu position="top-end" width={320}>
          <Menu.Target>
            <ActionIcon variant="subtle" aria-label="More about the log">
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item component="a" href={stackLogEndpoints.framesTable(props.micrographId)} download>
              Frames as CSV
            </Menu.Item>
            <Menu.Item
              closeMenuOnClick
              disabled={props.means.progress !== null}
              onClick={() => void props.means.toggle()}
            >
              {props.means.progress !== null
                ? `Reading frames… ${Math.round(props.means.progress * 100)} %`
                : props.means.values
                  ? "Hide the mean of the frames"
                  : "Mean of every frame"}
            </Menu.Item>
            <Menu.Item disabled={!props.mayChange} onClick={button.onClick}>
              Replace…
            </Menu.Item>
            <LogVersions place={props.mayChange ? (offsetS) => void props.work.place(offsetS) : null} />
            <Menu.Divider />
            <Menu.Item disabled={!props.mayChange} color="red" onClick={() => void props.work.remove()}>
              Take away
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </FileButton>
  );
}

function Close({ close }: { readonly close: () => void }) {
  return (
    <ActionIcon variant="subtle" aria-label="Hide the log" onClick={close}>
      <IconX size={16} />
    </ActionIcon>
  );
}
