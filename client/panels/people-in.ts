import type { PresenceState } from "#core/protocol/presence.ts";

/** One entry a person, however many windows they have open; the one whose view is known goes first. */
export function peopleIn(others: ReadonlyMap<number, PresenceState>) {
  const byPerson = new Map<string, { id: number; user: NonNullable<PresenceState["user"]>; seen: boolean }>();
  for (const [id, { user, viewport }] of others) {
    if (!user) continue;
    const seen = viewport != null;
    const known = byPerson.get(user.principalId);
    if (!known || (seen && !known.seen)) byPerson.set(user.principalId, { id, user, seen });
  }
  return [...byPerson.values()].sort((a, b) => a.user.name.localeCompare(b.user.name));
}
