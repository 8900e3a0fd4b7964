import { ActionIcon, Button, FileButton, Menu, NumberInput } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { offsetOf, stackLogEndpoints, useStackLogStore } from "#client/state/stack-log-store.ts";
import type { StackLog } from "#core/schema/records/stack-log.ts";
import styles from "./log-strip.module.css";
import { LogVersions } from "./log-versions.tsx";
import type { FrameMeans } from "./use-frame-means.ts";
import type { LogWork } from "./use-log-work.ts";
import { useRight } from "./workspace-context.ts";

const accepted = ".csv,.txt,.tsv,.mpt,.dat,.log,.asc";
const basisWords: Readonly<Record<StackLog["offsetBasis"], string>> = {
  assumed: "not checked: the log's zero was taken for the first frame",
  clocks: "by the clocks of log and pictures",
  person: "placed by a person",
};

/** Where the frames lie on the log's clock, and who says so. */
export function OffsetField({
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
export function IntervalField({ place }: { readonly place: (frameIntervalS: number) => Promise<void> }) {
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

export function AttachButton(props: {
  readonly disabled: boolean;
  readonly title: string;
  readonly work: LogWork;
}) {
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

export function LogMenu(props: {
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
