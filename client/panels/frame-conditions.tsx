import { frameTimeWords } from "#client/layers/frame-time-words.ts";
import { useDisplayStore } from "#client/state/display-store.ts";
import { frameConditions, useStackLogStore } from "#client/state/stack-log-store.ts";
import { valueWords } from "./log-lanes.ts";
import { useWorkspace } from "./workspace-context.ts";

/** The frame that is shown: its number, its time, and what the log says of that moment. */
export function FrameConditions() {
  const { micrograph } = useWorkspace();
  const frame = useDisplayStore((state) => state.frame);
  const logState = useStackLogStore();
  const { timeS, conditions } = frameConditions(micrograph, frame, logState);
  const checked = logState.version?.offsetBasis !== "assumed" || logState.draftOffsetS !== null;
  return (
    <>
      <span>
        frame {frame + 1} of {micrograph.frames}
        {timeS !== null && ` · ${frameTimeWords([0, timeS], 1)}`}
      </span>
      {logState.log && timeS !== null && (
        <span
          data-testid="frame-conditions"
          title={
            checked
              ? "Between the two samples of the log around this frame"
              : "Nobody has checked where the frames lie on the log's clock"
          }
        >
          {conditions.length === 0
            ? "outside the log"
            : conditions.map(({ value, unit }) => `${valueWords(value)} ${unit}`).join(" · ")}
          {checked ? "" : " (unchecked)"}
        </span>
      )}
    </>
  );
}
