import { useEffect, useState } from "react";
import type { AnnotationSession } from "#client/session/annotation-session.ts";
import type { Annotation } from "#core/schema/annotation.ts";

/** A mark on more frames than this is no place in the stack to go to. */
const longestRange = 50;

/** Frames that have marks of their own, in order: where something was drawn, not what is on all of them. */
export function markedFrames(annotations: Iterable<Annotation>): number[] {
  const marked = new Set<number>();
  for (const { frames, deleted } of annotations) {
    if (deleted || frames === "all" || frames[1] - frames[0] >= longestRange) continue;
    for (let frame = frames[0]; frame <= frames[1]; frame++) marked.add(frame);
  }
  return [...marked].sort((a, b) => a - b);
}

/** The same, following the document. */
export function useMarkedFrames({ current }: Pick<AnnotationSession, "current">): readonly number[] {
  const [marked, setMarked] = useState<readonly number[]>([]);
  useEffect(() => {
    const read = () => setMarked(markedFrames(current.getState().document.annotations().values()));
    let leave = current.getState().document.subscribe(read);
    const stop = current.subscribe(({ document }) => {
      leave();
      leave = document.subscribe(read);
      read();
    });
    read();
    return () => {
      leave();
      stop();
    };
  }, [current]);
  return marked;
}
