import { Button, Modal } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import { historyEndpoints } from "#client/state/history-endpoints.ts";
import { useMomentStore } from "#client/state/moment-store.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { toast } from "#client/state/toast-store.ts";
import type { HistoryEntry, HistoryPageBody } from "#core/protocol/api/history.ts";
import dialogStyles from "./dialog.module.css";
import styles from "./history-panel.module.css";
import { type Affected, affectedBy, timeWords } from "./history-sittings.ts";
import { useWorkspace } from "./workspace-context.ts";

/** What shall come back, and as it was when. */
export type RestoreWish =
  | {
      readonly what: "marks";
      readonly entry: HistoryEntry;
      readonly at: "before" | "after";
      readonly annotationIds: readonly string[];
      readonly title: string;
    }
  | { readonly what: "image"; readonly entry: HistoryEntry };

interface Question {
  readonly wish: RestoreWish;
  readonly seq: number;
  readonly others: readonly Affected[];
  readonly own: number;
  /** There are more edits since than were looked through. */
  readonly more: boolean;
}

/** Later edits are looked through up to here; beyond, the question says "at least". */
const pages = 5;
const pageEntries = 1000;

/** Brings a moment back as a new edit. Asks once where it takes back what others have done since, and for a whole image. */
export function useRestore(): readonly [restore: (wish: RestoreWish) => void, dialog: ReactNode] {
  const { micrograph } = useWorkspace();
  const me = usePersonStore((state) => state.principal?.id ?? "");
  const [question, setQuestion] = useState<Question | null>(null);
  const [busy, setBusy] = useState(false);

  const carryOut = async ({ wish, seq }: Question) => {
    setBusy(true);
    try {
      const ids = wish.what === "marks" ? wish.annotationIds : undefined;
      const { changed, unreadable } = await historyEndpoints.restore(micrograph.id, seq, ids);
      useMomentStore.getState().show(null);
      setQuestion(null);
      toast(outcomeWords(wish, changed.length), changed.length > 0 ? "good" : "plain");
      if (unreadable.length > 0)
        toast(`${unreadable.length} marks could not be read and stayed as they are.`, "warning");
    } catch (error) {
      toast(sentenceOf(error), "danger");
    } finally {
      setBusy(false);
    }
  };

  const restore = async (wish: RestoreWish) => {
    try {
      const asked = await questionOf(micrograph.id, wish, me);
      if (wish.what === "marks" && asked.others.length === 0) await carryOut(asked);
      else setQuestion(asked);
    } catch (error) {
      toast(sentenceOf(error), "danger");
    }
  };

  const dialog = question && (
    <Modal
      opened
      onClose={() => setQuestion(null)}
      title={question.wish.what === "image" ? "Bring the whole image back?" : "Bring back what was?"}
    >
      <RestoreQuestion question={question} />
      <div className={dialogStyles.buttons}>
        <Button variant="default" onClick={() => setQuestion(null)}>
          Leave it as it is
        </Button>
        <Button loading={busy} onClick={() => void carryOut(question)} data-autofocus>
          Bring it back
        </Button>
      </div>
    </Modal>
  );
  return [(wish) => void restore(wish), dialog];
}

function RestoreQuestion({ question }: { readonly question: Question }) {
  const { wish, others, own, more } = question;
  const time = timeWords(new Date(wish.entry.receivedAt));
  return (
    <>
      <p className={dialogStyles.lead}>
        {wish.what === "image"
          ? `All marks become what they were at ${time}; marks made since are deleted.`
          : `${wish.title}: as it was ${wish.at === "after" ? "at" : "before"} ${time}.`}
        {others.length === 0 &&
          (own === 0 ? " Nobody has edited anything since." : " Only your own edits are taken back.")}
      </p>
      {others.length > 0 && (
        <div className={styles.affected}>
          <strong>This takes back work of others{more ? ", at least" : ""}:</strong>
          <ul>
            {others.map(({ by, edits, marks }) => (
              <li key={by.principalId}>
                {by.name}: {edits} {edits === 1 ? "edit" : "edits"}
                {wish.what === "image" && ` of ${marks} ${marks === 1 ? "mark" : "marks"}`}
              </li>
            ))}
          </ul>
        </div>
      )}
      <p className="dim small">
        It is a new edit in your name: nothing leaves the history, and what is now can be brought back as
        well.
      </p>
    </>
  );
}

async function questionOf(micrographId: string, wish: RestoreWish, me: string): Promise<Question> {
  const marks = wish.what === "marks" ? wish.annotationIds : null;
  // The server looks for one mark; of several, those that concern are picked here.
  const mark = marks?.length === 1 ? marks[0] : undefined;
  const { seq } = wish.entry;
  // Before an edit: the moment of whichever edit came before it.
  const before = wish.what === "marks" && wish.at === "before";
  const moment = before ? await momentBefore(micrographId, seq) : seq;
  const later: HistoryEntry[] = [];
  let next: HistoryPageBody["next"] = moment;
  for (let page = 0; page < pages && next !== null; page++) {
    const question = { after: next, mark, limit: pageEntries };
    const answer: HistoryPageBody = await historyEndpoints.page(micrographId, question);
    later.push(...answer.entries);
    next = answer.next;
  }
  const affected = affectedBy(later, marks);
  return {
    wish,
    seq: moment,
    others: affected.filter(({ by }) => by.principalId !== me),
    own: affected.find(({ by }) => by.principalId === me)?.edits ?? 0,
    more: next !== null,
  };
}

async function momentBefore(micrographId: string, seq: number): Promise<number> {
  const { entries } = await historyEndpoints.page(micrographId, { before: seq, limit: 1 });
  return entries.at(-1)?.seq ?? seq;
}

function outcomeWords(wish: RestoreWish, changed: number): string {
  if (changed === 0) return "It is like that already: nothing was changed.";
  const time = timeWords(new Date(wish.entry.receivedAt));
  if (wish.what === "image")
    return `The image is as it was at ${time}: ${changed} ${changed === 1 ? "mark" : "marks"} changed.`;
  return `“${wish.title}” is as it was ${wish.at === "after" ? "at" : "before"} ${time}.`;
}
