import { Button } from "@mantine/core";
import { IconCheck, IconMapPin } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { usePersonStore } from "#client/state/person-store.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import type { CommentThread } from "#core/document/record-document.ts";
import type { RecordCommand } from "#core/protocol/api/shapes.ts";
import { nameOf } from "./annotation-words.ts";
import { CommentText } from "./comment-text.tsx";
import { Composer } from "./composer.tsx";
import styles from "./discussion-panel.module.css";
import { freshId } from "./fresh-id.ts";
import { calledName } from "./markdown.ts";
import { readableTime } from "./readable-length.ts";
import { useDocument } from "./use-document.ts";
import { useWorkspace } from "./workspace-context.ts";

/** One conversation: what it is about, what was said, and an answer. */
export function CommentThreadCard(props: {
  readonly thread: CommentThread;
  /** Rises when this thread is asked for from the picture. */
  readonly asked: number;
  readonly unread: ReadonlySet<string>;
  readonly names: readonly string[];
  readonly nameOfPerson: (id: string) => string;
  readonly write: (command: RecordCommand) => Promise<boolean>;
  readonly mayWrite: boolean;
}) {
  const { thread, asked, unread, names, nameOfPerson, write, mayWrite } = props;
  const { session, viewer } = useWorkspace();
  const { document } = useDocument(session);
  const { select, selected } = useSelectionStore();
  const me = usePersonStore((state) => state.principal);
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (asked > 0) card.current?.scrollIntoView({ block: "nearest" });
  }, [asked]);
  const mark = thread.annotationId ? document.annotations().get(thread.annotationId) : undefined;
  const go = () => {
    if (mark) select([mark.id]);
    const at = mark?.outline.rings[0]?.vertices[0] ?? thread.at;
    const view = viewer?.viewport();
    if (at && view) viewer?.lookAt({ x: at.x, y: at.y, width: view.widthPx / view.scale });
  };
  return (
    <article
      ref={card}
      className={styles.thread}
      data-resolved={thread.resolved}
      data-asked={asked > 0 || (mark !== undefined && selected.includes(mark.id))}
    >
      <header>
        {(mark || thread.at) && (
          <button type="button" className={styles.place} onClick={go}>
            <IconMapPin size={14} />
            <span className="ellipsis">{mark ? nameOf(mark) : "A place on the picture"}</span>
          </button>
        )}
        {thread.annotationId && !mark && <span className="dim small">A mark that is not here any more</span>}
        <span className={styles.spring} />
        {mayWrite && (
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<IconCheck size={13} />}
            onClick={() => void write({ type: "resolve", threadId: thread.id, resolved: !thread.resolved })}
          >
            {thread.resolved ? "Open again" : "Settle"}
          </Button>
        )}
      </header>
      {thread.comments
        .filter(({ deleted }) => !deleted)
        .map((entry) => (
          <div key={entry.id} className={styles.comment} data-unread={unread.has(entry.id)}>
            <div className={styles.by}>
              <strong>{nameOfPerson(entry.author)}</strong>{" "}
              <time className="dim small" dateTime={entry.createdAt}>
                {readableTime(entry.createdAt)}
              </time>
              {unread.has(entry.id) && <span className={styles.new}>new</span>}
            </div>
            <CommentText text={entry.text} names={names} me={me ? calledName(me.name) : null} />
          </div>
        ))}
      {mayWrite && !thread.resolved && (
        <Composer
          label="Reply"
          placeholder="Reply …"
          names={names}
          send={(text) =>
            write({
              type: "comment",
              id: freshId(),
              threadId: thread.id,
              annotationId: thread.annotationId,
              at: null,
              text,
            })
          }
        />
      )}
    </article>
  );
}
