import type * as Y from "yjs";
import type { z } from "zod";
import type { InvalidRecord } from "#core/schema/annotation.ts";

/** One collection of a server-written room: a root map of id → plain JSON. Unknown ids and fields are kept untouched. */
export interface Collection<Value> {
  readonly name: string;
  readonly validator: z.ZodType<Value>;
}

/** The records of a collection that can be read, by id; the others are in `invalid` with their reasons. */
export function readCollection<Value>(
  doc: Y.Doc,
  { name, validator }: Collection<Value>,
  invalid: InvalidRecord[] = [],
): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>();
  for (const [id, value] of doc.getMap(name)) {
    const parsed = validator.safeParse(value);
    if (parsed.success) values.set(id, parsed.data);
    else {
      const issue = parsed.error.issues[0]!;
      invalid.push({ id: `${name}/${id}`, reason: `${issue.path.map(String).join(".")}: ${issue.message}` });
    }
  }
  return values;
}

/**
 * Write a record whole; the server's, after it checked role and author.
 * @throws ZodError the value is not one of this collection
 */
export function putRecord<Value extends object>(
  doc: Y.Doc,
  { name, validator }: Collection<Value>,
  id: string,
  value: Value,
): void {
  validator.parse(value);
  const map = doc.getMap(name);
  // What a newer version added to this record stays.
  map.set(id, { ...(map.get(id) as object | undefined), ...value });
}
