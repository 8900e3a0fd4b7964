import * as Y from "yjs";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { CopyStore } from "./copy-store.ts";

/** What this computer keeps of a micrograph for somebody whose last edits never reached the server. */
export interface KeptMarks {
  readonly waiting: number;
  readonly annotations: readonly Annotation[];
}

/** Read without the server, for a micrograph that it does not show any more; null where nothing waits. */
export async function keptMarks(
  serverUrl: string,
  micrographId: string,
  principalId: string,
): Promise<KeptMarks | null> {
  if (typeof indexedDB === "undefined") return null;
  const room = formatRoomName({ kind: "annotations", micrographId });
  const store = new CopyStore(serverUrl, room, principalId);
  const doc = new Y.Doc();
  try {
    const { epoch, waiting } = await store.entry();
    if (waiting === 0) return null;
    const copy = await store.keep(doc, epoch);
    const document = openAnnotationDocument(doc);
    const annotations = [...document.annotations().values()];
    document.close();
    await copy.destroy();
    return annotations.length > 0 ? { waiting, annotations } : null;
  } finally {
    doc.destroy();
    await store.close();
  }
}
