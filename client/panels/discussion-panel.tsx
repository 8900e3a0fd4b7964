import { Button, SegmentedControl, Textarea } from "@mantine/core";
import { IconCheck, IconMapPin } from "@tabler/icons-react";
import { type KeyboardEvent, useState } from "react";
import { useStore } from "zustand";
import { sentenceOf } from "#client/state/api-client.ts";
import { useDisplayStore } from "#client/state/display-store.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import { toast } from "#client/state/toast-store.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { CommentThread } from "#core/document/record-document.ts";
import type { RecordCommand } from "#core/protocol/api/shapes.ts";
import { nameOf } from "./annotation-words.ts";
import styles from "./discussion-panel.module.css";
import { freshId } from "./fresh-id.ts";
import panel from "./panel.module.css";
import { readableTime } from "./readable-length.ts";
import { useDocument } from "./use-document.ts";
import { useRight, useWorkspace } from "./workspace-context.ts";

/** The conversation about this micrograph: each thread is about a mark or a place, and can be settled. */
export function DiscussionPanel() {
  const { records, session, project, micrograph, viewer } = useWorkspace();
  const { document } = useDocument(session);
  const threads = useStore(records, (state) => state.threads);
  const comment = useRight("comment");
  const selected = useSelectionStore((state) => state.selected);
  const me = usePersonStore((state) => state.principal);
  const [settled, setSettled] = useState("open");
  const people = useResource(`members ${project.id}`, () => endpoints.members(project.id));
  const nameOfPerson = (id: string) =>
    id === me?.id
      ? me.name
      : (people.value?.find(({ principal }) => principal.id === id)?.principal.name ?? "Somebody");
  const shown = threads.filter(({ resolved }) => resolved === (settled === "settled"));
  const about = selected.length === 1 ? document.annotations().get(selected[0]!) : undefined;

  const start = (text: string) => {
    const id = freshId();
    const centre = viewer?.viewport().centre;
    const place = centre ? { x: centre.x, y: centre.y, frame: useDisplayStore.getState().frame } : null;
    const annotationId = about?.id ?? null;
    return write({ type: "comment", id, threadId: null, annotationId, at: about ? null : place, text });
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
        <Composer
          label="New comment"
          placeholder={about ? `About “${nameOf(about)}” …` : "About this place: the middle of your view …"}
          send={start}
        />
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
          {threads.length === 0 && "Write above, or select a mark first to talk about it."}
        </div>
      )}
      {shown.map((thread) => (
        <Thread
          key={thread.id}
          thread={thread}
          nameOfPerson={nameOfPerson}
          write={write}
          mayWrite={comment.allowed}
        />
      ))}
    </div>
  );
}

function Thread(props: {
  readonly thread: CommentThread;
  readonly nameOfPerson: (id: string) => string;
  readonly write: (command: RecordCommand) => Promise<boolean>;
  readonly mayWrite: boolean;
}) {
  const { thread, nameOfPerson, write, mayWrite } = props;
  const { session, viewer } = useWorkspace();
  const { document } = useDocument(session);
  const select = useSelectionStore((state) => state.select);
  const mark = thread.annotationId ? document.annotations().get(thread.annotationId) : undefined;
  const go = () => {
    if (mark) select([mark.id]);
    const vertex = mark?.outline.rings[0]?.vertices[0];
    const at = vertex ?? thread.at;
    const view = viewer?.viewport();
    if (at && view) viewer?.lookAt({ x: at.x, y: at.y, width: view.widthPx / view.scale });
  };
  return (
    <article className={styles.thread} data-resolved={thread.resolved}>
      <header>
        {(mark || thread.at) && (
          <button type="button" className={styles.place} onClick={go}>
            <IconMapPin size={14} /> {mark ? nameOf(mark) : "A place on the picture"}
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
          <div key={entry.id} className={styles.comment}>
            <div>
              <strong>{nameOfPerson(entry.author)}</strong>{" "}
              <time className="dim small" dateTime={entry.createdAt}>
                {readableTime(entry.createdAt)}
              </time>
            </div>
            <p>{entry.text}</p>
          </div>
        ))}
      {mayWrite && !thread.resolved && (
        <Composer
          label="Reply"
          placeholder="Reply …"
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

function Composer(props: {
  readonly label: string;
  readonly placeholder: string;
  readonly send: (text: string) => Promise<boolean>;
}) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const send = async () => {
    if (!text.trim() || busy) return;
    setBusy(true);
    const sent = await props.send(text.trim());
    setBusy(false);
    // What could not be sent stays in the field.
    if (sent) setText("");
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };
  return (
    <div className={styles.composer}>
      <Textarea
        aria-label={props.label}
        placeholder={props.placeholder}
        autosize
        minRows={1}
        maxRows={8}
        size="sm"
        maxLength={10_000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={press}
      />
      {text.trim() && (
        <Button size="xs" loading={busy} onClick={() => void send()}>
          {props.label === "Reply" ? "Reply" : "Comment"}
        </Button>
      )}
    </div>
  );
}
