import { useMemo } from "react";
import { useDraftStore } from "#client/state/draft-store.ts";
import { withDrafts } from "#client/state/live-annotations.ts";
import { boundedWidth, useProfileStore } from "#client/state/profile-store.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import type { Point } from "#core/geometry/point.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { useDocument } from "./use-document.ts";
import { useWorkspace } from "./workspace-context.ts";

/** The line whose profile is shown: what is being drawn, else the one that is selected. */
export interface ProfileLine {
  /** Null while it is no mark yet. */
  readonly mark: Annotation | null;
  readonly p: Point;
  readonly q: Point;
  readonly widthPx: number;
  /** It has vertices between its ends: along it there is no straight strip. */
  readonly bent: boolean;
}

export function useProfileLine(): ProfileLine | null {
  const { session } = useWorkspace();
  const { document, version } = useDocument(session);
  const draft = useDraftStore((state) => state.draft);
  const selected = useSelectionStore((state) => state.selected);
  const { askedFor, dismissed, widthPx } = useProfileStore();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the map of marks is one object; its version tells of changes
  return useMemo(() => {
    const drawing = draft?.type === "shape" && draft.kind === "profile-line" && draft.annotationId === null;
    const id = selected.length === 1 ? selected[0]! : null;
    const mark = id === null ? undefined : document.get(id);
    const wanted =
      mark?.kind === "profile-line" ? id !== dismissed : mark?.kind === "measurement-line" && id === askedFor;
    if (!drawing && (!mark || !wanted)) return null;
    const shown = withDrafts(drawing ? [] : [mark!], draft ? [{ owner: "me", draft }] : [])[0];
    const ends = shown?.outline.rings[0]?.vertices;
    const [p, q] = [ends?.[0], ends?.at(-1)];
    if (!p || !q) return null;
    // A profile line carries its width; a length has none of its own.
    const carried = mark?.parameters.widthPx;
    const ownWidth = typeof carried === "number" ? boundedWidth(carried) : 1;
    return {
      bent: ends!.length > 2,
      mark: drawing ? null : mark!,
      p,
      q,
      widthPx: !drawing && mark?.kind === "profile-line" ? ownWidth : widthPx,
    };
  }, [document, version, draft, selected, askedFor, dismissed, widthPx]);
}
