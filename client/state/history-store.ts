import { create } from "zustand";
import { momentDocument } from "#client/session/moment-document.ts";
import type { HistoryEntry } from "#core/protocol/api/history.ts";
import { sentenceOf } from "./api-client.ts";
import { historyEndpoints } from "./history-endpoints.ts";
import { useMomentStore } from "./moment-store.ts";

/** A page is worked out by replaying: as many as fill a panel several times over. */
const pageEntries = 200;

interface HistoryState {
  readonly micrographId: string | null;
  /** Only edits of this mark; null: all. */
  readonly mark: string | null;
  /** Edits that people see, oldest first: what upkeep folds changes nothing. */
  readonly entries: readonly HistoryEntry[];
  /** Ask on before this one; null: the first edit is among the entries. undefined: nothing was asked yet. */
  readonly earlier: number | null | undefined;
  readonly loading: boolean;
  readonly failure: string | null;
  /** Read the history of a micrograph, or of one of its marks, from its end. */
  open(micrographId: string, mark: string | null): Promise<void>;
  loadEarlier(): Promise<void>;
  /** What was edited since. */
  loadLater(): Promise<void>;
  /** Look at the marks as they were after an edit. @throws what the server says */
  show(entry: HistoryEntry): Promise<void>;
  /** The edit before or after the one that is looked at; now, after the last. */
  step(by: 1 | -1): Promise<void>;
}

const nothing = { entries: [], earlier: undefined, loading: false, failure: null } as const;

export const useHistoryStore = create<HistoryState>()((set, get) => {
  /** Newest sequence number of which the server has told, shown or not. */
  let toldSeq = 0;
  /** An answer to an older question must not overwrite what was asked for since. */
  let turn = 0;
  let showing = 0;

  async function load(which: "earlier" | "later"): Promise<void> {
    const { micrographId, mark, earlier } = get();
    if (micrographId === null || (which === "earlier" && earlier === null)) return;
    const mine = ++turn;
    set({ loading: true });
    const range = which === "earlier" ? { before: earlier ?? Number.MAX_SAFE_INTEGER } : { after: toldSeq };
    try {
      const page = await historyEndpoints.page(micrographId, {
        ...range,
        mark: mark ?? undefined,
        limit: pageEntries,
        changes: true,
      });
      if (mine !== turn) return;
      toldSeq = Math.max(toldSeq, page.entries.at(-1)?.seq ?? 0);
      const seen = page.entries.filter(({ changes }) => changes && changes.length > 0);
      const { entries } = get();
      set({
        entries: which === "earlier" ? [...seen, ...entries] : [...entries, ...seen],
        ...(which === "earlier" && { earlier: page.earlier }),
        loading: false,
        failure: null,
      });
      if (page.next !== null) await load("later");
    } catch (error) {
      if (mine === turn) set({ loading: false, failure: sentenceOf(error) });
    }
  }

  return {
    micrographId: null,
    mark: null,
    ...nothing,
    async open(micrographId, mark) {
      const same = get().micrographId === micrographId && get().mark === mark;
      if (same && get().earlier !== undefined) return load("later");
      toldSeq = 0;
      set({ micrographId, mark, ...nothing });
      await load("earlier");
    },
    loadEarlier: () => load("earlier"),
    loadLater: () => (get().loading || get().earlier === undefined ? Promise.resolve() : load("later")),
    async show(entry) {
      const { micrographId } = get();
      if (micrographId === null) return;
      const mine = ++showing;
      const { annotations } = await historyEndpoints.marksAt(micrographId, entry.seq);
      if (mine === showing && get().micrographId === micrographId)
        useMomentStore.getState().show({ entry, document: momentDocument(annotations) });
    },
    async step(by) {
      const { moment } = useMomentStore.getState();
      if (!moment) return;
      const at = () => get().entries.findIndex(({ seq }) => seq >= moment.entry.seq);
      if (by < 0 && at() <= 0) await load("earlier");
      const { entries } = get();
      const found = at() < 0 ? entries.length : at();
      const next = entries[found + by];
      if (next) await get().show(next);
      else if (by > 0) useMomentStore.getState().show(null);
    },
  };
});
