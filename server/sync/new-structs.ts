import type { ClientStructs } from "./client-structs.ts";
import type { ReadStruct } from "./read-update.ts";

/** A struct that a room does not have yet, and where it turns out to lie. */
export interface NewStruct {
  readonly struct: ReadStruct;
  readonly block: NewBlock;
  readonly clock: number;
  readonly end: number;
  place: string | null;
  /** It is the entry of a root map itself: the mark's place. */
  placed: boolean;
  isRecord: boolean;
}

/** What an update brings of one client, in order. */
export interface NewBlock {
  readonly client: number;
  /** What the room holds of it already. */
  readonly known: ClientStructs | undefined;
  /** Whose it is; undefined: nobody has been met under it yet. */
  readonly owner: string | undefined;
  readonly structs: NewStruct[];
  /** How far the client has written, with those that could follow so far. */
  reached: number;
  /** The first that has not followed yet. */
  next: number;
}

const fewBlocks = 4;

/** What an update brings, by client: nearly always one. */
export class NewBlocks {
  readonly blocks: NewBlock[] = [];
  #byClient: Map<number, NewBlock> | null = null;

  add(client: number, known: ClientStructs | undefined, owner: string | undefined): NewBlock {
    const block: NewBlock = { client, known, owner, structs: [], reached: known?.clock ?? 0, next: 0 };
    this.blocks.push(block);
    if (this.#byClient) this.#byClient.set(client, block);
    else if (this.blocks.length > fewBlocks)
      this.#byClient = new Map(this.blocks.map((one) => [one.client, one]));
    return block;
  }

  of(client: number): NewBlock | undefined {
    if (this.#byClient) return this.#byClient.get(client);
    for (const block of this.blocks) if (block.client === client) return block;
    return undefined;
  }

  /** Client ids that nobody has been met under. */
  unowned(): number[] {
    const found: number[] = [];
    for (const { client, owner } of this.blocks) if (owner === undefined) found.push(client);
    return found;
  }
}

/** The one of these, which rise, that a clock lies in. */
export function structAt(structs: readonly NewStruct[], clock: number): NewStruct {
  let [low, high] = [0, structs.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (clock < structs[middle]!.end) high = middle;
    else low = middle + 1;
  }
  return structs[low]!;
}
