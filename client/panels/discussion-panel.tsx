import { ActionIcon, SegmentedControl } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { sentenceOf } from "#client/state/api-client.ts";
import { useDiscussionStore } from "#client/state/discussion-store.ts";
import { useDisplayStore } from "#client/state/display-store.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { newestComment, readMarkKey, unreadComments, useReadMarks } from "#client/state/read-marks.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import { toast } from "#client/state/toast-store.ts";
import type { RecordCommand } from "#core/protocol/api/shapes.ts";
import { nameOf } from "./annotation-words.ts";
import { CommentThreadCard } from "./comment-thread.tsx";
import { Composer } from "./composer.tsx";
import styles from "./discussion-panel.module.css";
import { freshId } from "./fresh-id.ts";
import { calledName } from "./markdown.ts";
import panel from "./panel.module.css";
import { useDocument } from "./use-document.ts";
import { useNames } from "./use-names.ts";
import { useRight, useWorkspace } from "./workspace-context.ts";

/** The conversation about this micrograph: each thread is about a mark or a place, and can be settled. */
export function DiscussionPanel() {
  const { records, session, micrograph, viewer } = useWorkspace();
  const { document } = useDocument(session);
  const threads = useStore(records, (state) => state.threads);
  const comment = useRight("comment");
  const selected = useSelectionStore((state) => state.selected);
  const { threadId, place, asked, beginAt } = useDiscussionStore();
  const [settled, setSettled] = useState("open");
  const { named, members } = useNames(
    threads.flatMap(({ comments }) => comments.map(({ author }) => author)),
    true,
  );
  const names = useMemo(() => members.map(({ principal }) => calledName(principal.name)), [members]);
  const unread = useUnreadWhileOpen();
  const about = selected.length === 1 ? document.annotations().get(selected[0]!) : undefined;

  // A thread that was asked for is shown, settled or not.
  const wanted = threads.find(({ id }) => id === threadId);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each request counts, also for the same thread
  useEffect(() => {
    if (wanted) setSettled(wanted.resolved ? "settled" : "open");
  }, [asked, wanted?.id]);
  const shown = threads.filter(({ resolved }) => resolved === (settled === "settled"));
  // What is spoken of the selected mark comes first, then the newest conversation.
  const ordered = [...shown].sort(
    (a, b) =>
      Number(b.annotationId === about?.id && about !== undefined) -
        Number(a.annotationId === about?.id && about !== undefined) ||
      (newestComment([b]) ?? "").localeCompare(newestComment([a]) ?? ""),
  );

  const start = async (text: string) => {
    const centre = viewer?.viewport().centre;
    const here = centre ? { x: centre.x, y: centre.y, frame: useDisplayStore.getState().frame } : null;
    const at = about ? null : (place ?? here);
    const annotationId = about?.id ?? null;
    const sent = await write({ type: "comment", id: freshId(), threadId: null, annotationId, at, text });
    if (sent) {
      beginAt(null);
      setSettled("open");
    }
    return sent;
  };
  const write = async (command: RecordCommand) => {
    try {
      await endpoints.record(micrograph.id, command);
      return true;
    } catch (error) {
      toast(sentenceOf(error), "danger");
      return false;
    }
  };

  return (
    <div className={panel.panel}>
      {comment.allowed ? (
        <div>
          <Composer
            label="New comment"
            placeholder={
              about
                ? `About “${nameOf(about)}” …`
                : place
                  ? "About the place you pointed at …"
                  : "About this place: the middle of your view …"
            }
            names={names}
            asked={threadId === null ? asked : 0}
            send={start}
          />
          {place && !about && (
            <p className={styles.aimed}>
              At x {Math.round(place.x)}, y {Math.round(place.y)} px
              <ActionIcon size="xs" aria-label="Not about this place" onClick={() => beginAt(null)}>
                <IconX size={12} />
              </ActionIcon>
            </p>
          )}
        </div>
      ) : (
        <p className="dim small">{comment.reason}</p>
      )}
      {threads.length > 0 && (
        <SegmentedControl
          size="xs"
          value={settled}
          onChange={setSettled}
          data={[
            { value: "open", label: `Open ${threads.filter(({ resolved }) => !resolved).length}` },
            { value: "settled", label: `Settled ${threads.filter(({ resolved }) => resolved).length}` },
          ]}
        />
      )}
      {shown.length === 0 && (
        <div className={panel.empty}>
          <strong>{threads.length === 0 ? "No comments yet" : "Nothing here"}</strong>
          {threads.length === 0 &&
            comment.allowed &&
            "Write above, press C and click where you mean, or select a mark to talk about it."}
        </div>
      )}
      {ordered.map((thread) => (
        <CommentThreadCard
          key={thread.id}
          thread={thread}
          asked={thread.id === threadId ? asked : 0}
          unread={unread}
          names={names}
          nameOfPerson={(id) => named(id).name}
          write={write}
          mayWrite={comment.allowed}
        />
      ))}
    </div>
  );
}

/** What was unread when the panel was opened stays marked while it is open; from now on it counts as read. */
function useUnreadWhileOpen(): ReadonlySet<string> {
  const { records, micrograph } = useWorkspace();
  const threads = useStore(records, (state) => state.threads);
  const me = usePersonStore((state) => state.principal?.id ?? "");
  const key = readMarkKey(me, micrograph.id);
  const [until] = useState(() => useReadMarks.getState().until[key]);
  const newest = newestComment(threads);
  useEffect(() => {
    if (newest !== null) useReadMarks.getState().markRead(key, newest);
  }, [key, newest]);
  return useMemo(() => unreadComments(threads, until, me), [threads, until, me]);
}
