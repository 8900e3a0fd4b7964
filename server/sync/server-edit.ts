import type * as Y from "yjs";
import { withAnnotations } from "#core/document/annotation-document.ts";
import { type RestoredMarks, restoreMarks, type StoredMarks } from "#core/document/restore-marks.ts";
import { asNewAnnotation, byOrder, readSnapshot } from "#core/document/snapshot.ts";
import type { NewAnnotation } from "#core/schema/annotation.ts";
import { createRecordId } from "#core/schema/ids.ts";

/** A mark to be added, under its own id where that is free. */
export interface AddedMark {
  readonly id: string | null;
  readonly annotation: NewAnnotation;
}

/**
 * What the server writes for somebody in a room of marks, as data: thousands of marks at once take seconds of processor
 * time, and so it may cross to another thread.
 */
export type ServerEdit =
  /** All of them, or none where they would be more than `most` with those that are there. */
  | { readonly type: "add-marks"; readonly marks: readonly AddedMark[]; readonly most: number }
  /** The same, of native JSON that nobody has checked yet. */
  | { readonly type: "add-snapshot"; readonly json: unknown; readonly most: number }
  | { readonly type: "restore"; readonly then: StoredMarks; readonly scope: "these" | "all" };

/** Under which ids marks were added, in z-order; null where there would be too many, and nothing was. */
export interface AddedMarks {
  readonly ids: readonly string[] | null;
  /** Marks before, and those that were to come. */
  readonly held: number;
  readonly added: number;
}

export type ServerEditResult<Edit extends ServerEdit = ServerEdit> = Edit extends { type: "restore" }
  ? RestoredMarks
  : AddedMarks;

/** @throws DocumentError; nothing is changed then */
export function carryOutServerEdit<Edit extends ServerEdit>(doc: Y.Doc, edit: Edit): ServerEditResult<Edit> {
  const { type } = edit;
  if (type === "restore") return restoreMarks(doc, edit.then, edit.scope) as ServerEditResult<Edit>;
  const marks = type === "add-marks" ? edit.marks : marksOf(edit.json);
  return addMarks(doc, marks, edit.most) as ServerEditResult<Edit>;
}

function marksOf(json: unknown): AddedMark[] {
  return [...readSnapshot(json).annotations]
    .sort(byOrder)
    .map((mark) => ({ id: mark.id, annotation: asNewAnnotation(mark) }));
}

function addMarks(doc: Y.Doc, marks: readonly AddedMark[], most: number): AddedMarks {
  return withAnnotations(doc, (document) => {
    const held = document.annotations().size;
    const added = marks.length;
    if (held + added > most) return { ids: null, held, added };
    const taken = new Set<string>();
    const commands = marks.map(({ id: wanted, annotation }) => {
      const isFree = wanted !== null && !taken.has(wanted) && !document.get(wanted);
      const id = isFree ? wanted : createRecordId();
      taken.add(id);
      return { type: "create" as const, id, annotation };
    });
    if (commands.length > 0) document.execute({ type: "together", commands });
    return { ids: [...taken], held, added };
  });
}

/** About how many bytes an edit brings: whether it is worth a thread. */
export function weightOf(edit: ServerEdit): number {
  const bytesAMark = 200;
  if (edit.type === "add-marks") return edit.marks.length * bytesAMark;
  if (edit.type === "restore") return edit.then.size * bytesAMark;
  const { annotations } = (edit.json ?? {}) as { annotations?: unknown };
  return Array.isArray(annotations) ? annotations.length * bytesAMark : 0;
}
