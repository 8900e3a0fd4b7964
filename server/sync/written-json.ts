/** JSON in UTF-8, in pieces to be sent one after the other: that of a large room is longer than a string may be. */
export type Written = readonly Uint8Array<ArrayBuffer>[];

const itemsInPiece = 500;
const utf8 = new TextEncoder();

/** `[…]` */
export function writtenArray(items: readonly unknown[]): Written {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let i = 0; i === 0 || i < items.length; i += itemsInPiece) {
    const inner = JSON.stringify(items.slice(i, i + itemsInPiece)).slice(1, -1);
    pieces.push(utf8.encode(`${i === 0 ? "[" : ","}${inner}`));
  }
  return [...pieces, utf8.encode("]")];
}

/** `{…head, key: […]}` */
export function writtenObject(head: object, key: string, items: readonly unknown[] | Written): Written {
  const start = JSON.stringify(head).slice(0, -1);
  const before = `${start}${start === "{" ? "" : ","}${JSON.stringify(key)}:`;
  const array = isWritten(items) ? items : writtenArray(items);
  return [utf8.encode(before), ...array, utf8.encode("}")];
}

export function isWritten(value: unknown): value is Written {
  return Array.isArray(value) && value[0] instanceof Uint8Array;
}
