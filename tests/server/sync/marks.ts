import * as Y from "yjs";

/** Marks laid out as in the annotations room: a map of records. */
export const marksOf = (doc: Y.Doc): Y.Map<Y.Map<unknown>> => doc.getMap("annotations");

export function draw(doc: Y.Doc, id: string, fields: Readonly<Record<string, unknown>> = {}): void {
  doc.transact(() => {
    const mark = new Y.Map<unknown>();
    marksOf(doc).set(id, mark);
    for (const [key, value] of Object.entries({ kind: "region", ...fields })) mark.set(key, value);
  });
}

/** Each transaction of a document as it happens. */
export function recordUpdates(doc: Y.Doc): Uint8Array[] {
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => void updates.push(update));
  return updates;
}
