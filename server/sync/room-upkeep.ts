import { randomInt } from "node:crypto";
import type { RoomDocument, RoomSurroundings } from "./room-document.ts";

/** Whom history names for the server's own upkeep. One for each epoch: a restored room has forgotten clocks of the last. */
export const upkeepPrincipal = (epoch: string): string => `lamella@${epoch}`;
export const isUpkeepPrincipal = (principalId: string): boolean => principalId.startsWith("lamella@");

/**
 * Tidy a room that nobody is in: fold single-vertex edits (SPEC F1-F4) and remove marks that were deleted longer ago than
 * the retention (SPEC D2). Both are edits like others, committed under the server's own client id, so somebody who was
 * offline meanwhile merges with them.
 *
 * @param isEmpty asked again before each edit: whoever came meanwhile has edits on the way
 */
export async function tidyRoom(
  document: RoomDocument,
  { log, replay, limits, now }: Pick<RoomSurroundings, "log" | "replay" | "limits" | "now">,
  isEmpty: () => boolean,
): Promise<void> {
  const principalId = upkeepPrincipal(document.epoch);
  const clientId = clientIdOf(document, principalId);

  const { update, deletedMarks } = await replay.tidy(document.parts(), clientId);
  if (!isEmpty()) return;
  // No mark says anything else after a fold: in history nobody touched one.
  if (update) await document.submitAsServer(principalId, update, []);
  if (deletedMarks.length === 0) return;

  const touches = await log.lastTouches(document.name, deletedMarks);
  const keptSinceMs = now() - limits.keepDeletedMs;
  const due = deletedMarks.filter((mark) => (touches.get(mark)?.receivedAtMs ?? keptSinceMs) < keptSinceMs);
  if (due.length === 0) return;
  const before = document.lastSeq;
  const purge = await replay.purge(document.parts(), clientId, due);
  // Somebody may have restored one of them meanwhile.
  if (purge && isEmpty() && document.lastSeq === before) await document.submitAsServer(principalId, purge);
}

function clientIdOf(document: RoomDocument, principalId: string): number {
  for (const [clientId, owner] of document.bindings.all()) if (owner === principalId) return clientId;
  return randomInt(1, 2 ** 32 - 1);
}
