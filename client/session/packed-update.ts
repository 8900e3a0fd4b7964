import * as decoding from "lib0/decoding";
import * as Y from "yjs";
import { values as tags } from "#core/protocol/yjs-encoding.ts";

/**
 * Apply an update in Yjs' second encoding, as `Y.applyUpdateV2` does, in less time: the values of marks repeat a few words
 * (names of fields, kinds, tools) thousands of times, and Yjs makes a view of the bytes and a string anew for each.
 */
export function applyPackedUpdate(doc: Y.Doc, update: Uint8Array, origin?: unknown): void {
  const decoder = decoding.createDecoder(update);
  Y.readUpdateV2(decoder, doc, origin, new RememberingDecoder(decoder));
}

const longestWord = 24;
const slots = 1_024;

class RememberingDecoder extends Y.UpdateDecoderV2 {
  readonly #words = new Array<{ readonly start: number; readonly end: number; readonly text: string }>(slots);

  override readAny(): unknown {
    const { restDecoder } = this;
    switch (restDecoder.arr[restDecoder.pos]) {
      case tags.string:
        restDecoder.pos++;
        return this.#readWord();
      case tags.object:
        restDecoder.pos++;
        return this.#readObject();
      case tags.array: {
        restDecoder.pos++;
        const values: unknown[] = [];
        for (let left = decoding.readVarUint(restDecoder); left > 0; left--) values.push(this.readAny());
        return values;
      }
      default:
        return decoding.readAny(restDecoder);
    }
  }

  override readJSON(): unknown {
    return this.readAny();
  }

  #readObject(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (let left = decoding.readVarUint(this.restDecoder); left > 0; left--) {
      const key = this.#readWord();
      object[key] = this.readAny();
    }
    return object;
  }

  #readWord(): string {
    const { restDecoder } = this;
    const { arr, pos } = restDecoder;
    const length = arr[pos]!;
    // Beyond 127 the length takes more than a byte.
    if (length > longestWord) return decoding.readVarString(restDecoder);
    const start = pos + 1;
    const end = start + length;
    let hash = length;
    for (let i = start; i < end; i++) hash = (hash * 31 + arr[i]!) | 0;
    const slot = hash & (slots - 1);
    const known = this.#words[slot];
    if (known && sameBytes(arr, known.start, known.end, start, end)) {
      restDecoder.pos = end;
      return known.text;
    }
    const text = decoding.readVarString(restDecoder);
    this.#words[slot] = { start, end, text };
    return text;
  }
}

function sameBytes(bytes: Uint8Array, start: number, end: number, other: number, otherEnd: number): boolean {
  if (end - start !== otherEnd - other) return false;
  for (let i = 0; i < end - start; i++) if (bytes[start + i] !== bytes[other + i]) return false;
  return true;
}
