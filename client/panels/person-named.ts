import type { Principal } from "#core/protocol/api/shapes.ts";

/** A person as the screen may call them now. */
export interface Named {
  /** Their name; "…" while it may still be told; "somebody" once nobody can say. */
  readonly name: string;
  /** null: not known, or not yet. */
  readonly colour: string | null;
}

type Person = Pick<Principal, "id" | "name" | "colour">;

/**
 * Who has this id.
 *
 * @param me who is signed in: needs no list
 * @param members of the project; null: the list has not come
 * @param asking whether an answer may still bring the name
 */
export function personNamed(
  id: string,
  me: Person | null,
  members: readonly { readonly principal: Person }[] | null,
  asking: boolean,
): Named {
  if (id === me?.id) return me;
  const found = members?.find(({ principal }) => principal.id === id)?.principal;
  return found ?? { name: asking ? "…" : "somebody", colour: null };
}
