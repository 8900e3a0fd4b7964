import { Button, Modal, SegmentedControl } from "@mantine/core";
import { useState } from "react";
import type { DroppedFile } from "#client/state/dropped-files.ts";
import { placedInStacks } from "#client/state/dropped-stacks.ts";
import type { NumberedFrames } from "#core/formats/numbered-frames.ts";
import dialog from "./dialog.module.css";
import styles from "./stack-question.module.css";

interface StackQuestionProps {
  readonly files: readonly DroppedFile[];
  readonly stacks: readonly NumberedFrames[];
  readonly add: (files: ReturnType<typeof placedInStacks>) => void;
  readonly close: () => void;
}

/** Numbered files: the frames of one stack, or pictures of their own? Asked before anything is sent. */
export default function StackQuestion({ files, stacks, add, close }: StackQuestionProps) {
  const [chosen, setChosen] = useState(() => stacks.map(({ certain }) => certain));
  const inStacks = stacks.reduce((sum, { paths }) => sum + paths.length, 0);
  const others = files.length - inStacks;
  const upload = () => {
    add(
      placedInStacks(
        files,
        stacks.filter((_, i) => chosen[i]),
      ),
    );
    close();
  };
  return (
    <Modal opened onClose={close} title="Frames of a stack?" size="lg">
      <p className={dialog.lead}>
        These files are numbered. As one stack they are one micrograph with a scrubber, its frames in the
        order of their numbers; their sizes must agree. Every file is kept as it is either way.
      </p>
      <ul className={styles.list}>
        {stacks.map(({ name, paths }, i) => (
          <li key={paths[0]}>
            <span className={styles.words}>
              <strong className="ellipsis" title={name}>
                {name}
              </strong>
              <span className="dim ellipsis" title={`${paths[0]} … ${paths.at(-1)}`}>
                {paths.length} files: {nameOf(paths[0]!)} … {nameOf(paths.at(-1)!)}
              </span>
            </span>
            <SegmentedControl
              size="xs"
              aria-label={name}
              data={[
                { value: "stack", label: "One stack" },
                { value: "single", label: "Single pictures" },
              ]}
              value={chosen[i] ? "stack" : "single"}
              onChange={(value) =>
                setChosen((before) => before.map((was, at) => (at === i ? value === "stack" : was)))
              }
            />
          </li>
        ))}
      </ul>
      {others > 0 && (
        <p className="dim small">
          {others === 1 ? "1 other file is" : `${others} other files are`} uploaded beside{" "}
          {stacks.length === 1 ? "it" : "them"}.
        </p>
      )}
      <div className={dialog.buttons}>
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button data-autofocus onClick={upload}>
          Upload {files.length} files
        </Button>
      </div>
    </Modal>
  );
}

const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);
