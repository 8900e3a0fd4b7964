import { readStoredRings } from "./decode-record.ts";
import { overtakenIds } from "./outline-overlay.ts";
import { insertKey, type RecordMap, vertexKey } from "./record-layout.ts";

/** True where `client` has vertex edits on this mark that name vertices of an outline which was replaced as a whole. */
export function overtakenByReplacement(record: RecordMap, client: number): boolean {
  // Most marks hold nothing of one's own: their outlines need not be read.
  if (!holdsItemOf(record, client)) return false;
  try {
    const { rings, overlay } = readStoredRings(record);
    return overtakenIds(rings, overlay).some((id) =>
      [vertexKey(id), insertKey(id)].some((key) => {
        const item = record._map.get(key);
        return item !== undefined && !item.deleted && item.id.client === client;
      }),
    );
  } catch {
    return false; // an unreadable outline is listed as invalid, which says more
  }
}

function holdsItemOf(record: RecordMap, client: number): boolean {
  for (const { id } of record._map.values()) if (id.client === client) return true;
  return false;
}
