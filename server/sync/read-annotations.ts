import { type AnnotationDocument, openAnnotationDocument } from "#core/document/annotation-document.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import type { RoomServer } from "./room-server.ts";

/** Read the marks of a micrograph as committed. */
export function readAnnotations<T>(
  rooms: Pick<RoomServer, "readDocument">,
  micrographId: string,
  read: (document: AnnotationDocument) => T,
): Promise<T> {
  return rooms.readDocument(formatRoomName({ kind: "annotations", micrographId }), (doc) => {
    const document = openAnnotationDocument(doc);
    try {
      return read(document);
    } finally {
      document.close();
    }
  });
}

/** Bootstraps of one micrograph use one seed, so that the panel, the API and an export give the same interval. */
export const measurementSeed = 1;
