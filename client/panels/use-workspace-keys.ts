import { useEffect } from "react";
import { neighboursOf } from "#client/state/gallery-groups.ts";
import { addressOfMicrograph, navigate } from "#client/state/router.ts";
import { toast } from "#client/state/toast-store.ts";
import { undoOrRedo } from "#client/state/workspace-commands.ts";
import { saveWords } from "./save-words.ts";
import type { Workspace } from "./workspace-context.ts";

/** Keys that work wherever the focus is, except while text is typed or composed. Letters belong to the picture alone. */
export function useWorkspaceKeys(workspace: Workspace, open: (what: "keys" | "palette") => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.isComposing) return;
      const key = event.key.toLowerCase();
      const control = event.ctrlKey || event.metaKey;
      const act = meaning(key, control, event, workspace, open);
      if (!act) return;
      // Before the picture sees it: one answer to one press.
      event.preventDefault();
      event.stopPropagation();
      act();
    };
    addEventListener("keydown", press, { capture: true });
    return () => removeEventListener("keydown", press, { capture: true });
  }, [workspace, open]);
}

function meaning(
  key: string,
  control: boolean,
  event: KeyboardEvent,
  { session, gallery, micrograph }: Workspace,
  open: (what: "keys" | "palette") => void,
): (() => void) | null {
  if (control && key === "s") {
    return () => {
      const { state } = session.connection.getState();
      const { label, detail, tone } = saveWords(session.connection.getState());
      if (state === "saved") toast("Already saved: the server has every edit on disk.", "good");
      else toast(`${label}. ${detail}`, tone === "danger" || tone === "warning" ? tone : "plain");
    };
  }
  if (control && (key === "k" || key === "/")) return () => open("palette");
  if (isTyping(event.target)) return null;
  if (control && key === "z") return () => undoOrRedo(session, event.shiftKey ? "redo" : "undo");
  if (control && key === "y") return () => undoOrRedo(session, "redo");
  if (control || event.altKey) return null;
  if (key === "?") return () => open("keys");
  const comma = event.code === "Comma";
  const stop = event.code === "Period";
  if ((comma || stop) && (event.shiftKey || micrograph.frames === 1)) {
    return () => stepState(gallery, micrograph.id, stop ? 1 : -1);
  }
  return null;
}

/** The next or previous state of the series. */
export function stepState(gallery: Workspace["gallery"], micrographId: string, by: 1 | -1): void {
  const members = neighboursOf(gallery, micrographId)?.micrographs ?? [];
  const next = members[members.findIndex(({ id }) => id === micrographId) + by];
  if (next) navigate(addressOfMicrograph(next.id), { replace: true });
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
