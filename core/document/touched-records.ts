import type * as Y from "yjs";

/**
 * Ids of the marks that a transaction touched: what a document decodes again, and what the server notes in its history.
 *
 * @param events what `observeDeep` of the annotations' root gives
 * @param records the annotations' root
 */
export function touchedRecordIds(
  events: readonly Y.YEvent<Y.AbstractType<unknown>>[],
  records: Y.Map<unknown>,
): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const event of events) {
    if (event.target === (records as unknown)) {
      for (const key of (event as unknown as Y.YMapEvent<unknown>).keysChanged) ids.add(key);
      continue;
    }
    let type = event.target as Y.AbstractType<unknown>;
    while (type.parent && type.parent !== (records as unknown)) type = type.parent;
    const id = type._item?.parentSub;
    if (id) ids.add(id);
  }
  return ids;
}
