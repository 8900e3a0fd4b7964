import { type MouseEvent, useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { useDiscussionStore } from "#client/state/discussion-store.ts";
import { useDisplayStore } from "#client/state/display-store.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { readMarkKey, unreadComments, useReadMarks } from "#client/state/read-marks.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import { useToolStore } from "#client/state/tool-store.ts";
import { toImage, toScreen } from "#client/viewer/frames.ts";
import type { ViewState } from "#client/viewer/micrograph-viewer.ts";
import { screenPoint } from "#core/geometry/point.ts";
import styles from "./comment-places.module.css";
import { initialsOf } from "./initials-of.ts";
import { useNames } from "./use-names.ts";
import { useRight, useWorkspace } from "./workspace-context.ts";

/** Open conversations about a place, where they are on the picture; and the aim of whoever may comment but not draw. */
export function CommentPlaces({ show }: { readonly show: () => void }) {
  const { viewer, records, micrograph } = useWorkspace();
  const threads = useStore(records, (state) => state.threads);
  const visible = useSelectionStore((state) => state.marksVisible);
  const frame = useDisplayStore((state) => state.frame);
  const me = usePersonStore((state) => state.principal?.id ?? "");
  const until = useReadMarks((state) => state.until[readMarkKey(me, micrograph.id)]);
  const { threadId, place, openThread } = useDiscussionStore();
  const view = useView();
  const here = useMemo(
    () =>
      threads.filter(
        ({ at, annotationId, resolved }) =>
          at !== null &&
          annotationId === null &&
          !resolved &&
          (micrograph.frames === 1 || at.frame === frame),
      ),
    [threads, frame, micrograph.frames],
  );
  const unread = useMemo(() => unreadComments(threads, until, me), [threads, until, me]);
  const { named } = useNames(here.map(({ comments }) => comments[0]!.author));
  if (!viewer || !view || !visible) return null;
  return (
    <>
      <Aim show={show} />
      <div className={styles.places}>
        {here.map((thread) => {
          const first = thread.comments[0]!;
          const author = named(first.author);
          const said = thread.comments.filter(({ deleted }) => !deleted);
          return (
            <At key={thread.id} view={view} place={thread.at!}>
              <button
                type="button"
                className={styles.place}
                style={{ background: author.colour ?? "#5b6a72" }}
                data-asked={thread.id === threadId}
                data-unread={said.some(({ id }) => unread.has(id))}
                aria-label={`Comment by ${author.name}: ${first.text.slice(0, 80)}`}
                title={first.text.slice(0, 200)}
                onClick={() => {
                  openThread(thread.id);
                  show();
                }}
              >
                {said.length > 1 ? said.length : author.colour ? initialsOf(author.name) : "…"}
              </button>
            </At>
          );
        })}
        {place && (
          <At view={view} place={place}>
            <i className={styles.begun} />
          </At>
        )}
      </div>
    </>
  );
}

function At(props: {
  readonly view: ViewState;
  readonly place: { readonly x: number; readonly y: number };
  readonly children: React.ReactNode;
}) {
  const { x, y } = toScreen(props.view, props.place);
  return (
    <div style={{ position: "absolute", transform: `translate(${Math.round(x)}px, ${Math.round(y)}px)` }}>
      {props.children}
    </div>
  );
}

/** A commenter has no pin to draw: the click with the comment tool says where the words belong. */
function Aim({ show }: { readonly show: () => void }) {
  const { viewer } = useWorkspace();
  const annotate = useRight("annotate");
  const comment = useRight("comment");
  const { tool, setTool } = useToolStore();
  const beginAt = useDiscussionStore((state) => state.beginAt);
  if (tool !== "pin" || annotate.allowed || !comment.allowed) return null;
  const aim = (event: MouseEvent<HTMLButtonElement>) => {
    const view = viewer?.viewport();
    if (!view) return;
    const box = event.currentTarget.getBoundingClientRect();
    const at = toImage(view, screenPoint(event.clientX - box.left, event.clientY - box.top));
    beginAt({ x: at.x, y: at.y, frame: useDisplayStore.getState().frame });
    setTool("pan");
    show();
  };
  return <button type="button" className={styles.aim} aria-label="Click where you mean" onClick={aim} />;
}

function useView(): ViewState | null {
  const { viewer } = useWorkspace();
  const [view, setView] = useState<ViewState | null>(null);
  useEffect(() => {
    setView(viewer?.viewport() ?? null);
    return viewer?.onViewChange(setView);
  }, [viewer]);
  return view;
}
