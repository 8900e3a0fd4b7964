import * as Y from "yjs";
import type { Parts } from "./replay.ts";

/** @param clientId under which changes are to be made in it */
export function replayedDocument(parts: Parts, clientId?: number): Y.Doc {
  const doc = new Y.Doc();
  Y.transact(doc, () => {
    for (const part of parts) Y.applyUpdate(doc, part);
  });
  // Afterwards: Yjs takes another id when an update holds its own.
  if (clientId !== undefined) doc.clientID = clientId;
  return doc;
}
