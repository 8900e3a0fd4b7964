import * as Y from "yjs";
import { held, structBits, types, values } from "#core/protocol/yjs-encoding.ts";
import { type DecodedUpdate, decodeUpdate } from "./decoded-update.ts";

export interface StructId {
  readonly client: number;
  readonly clock: number;
}

/** What the index of a room asks of a struct: where it lies and what kind of thing it is, not what it says. */
export interface ReadStruct {
  readonly kind: "item" | "collected" | "skip";
  readonly clock: number;
  readonly length: number;
  readonly origin: StructId | null;
  readonly rightOrigin: StructId | null;
  /** A root by its name, or a type by its id; null where a neighbour tells. */
  readonly parent: StructId | string | null;
  /** The key in a root. Within a type it tells nothing of the place, and need not have been read. */
  readonly parentSub: string | null;
  readonly content: "type" | "document" | "other";
}

/** The structs of one client, as they follow each other. */
export interface ReadBlock {
  readonly client: number;
  readonly structs: readonly ReadStruct[];
}

export interface ReadUpdate {
  readonly blocks: readonly ReadBlock[];
  readonly deletions: readonly { readonly client: number; readonly clock: number; readonly length: number }[];
}

/**
 * An update, read as far as the index of a room needs it. Nearly every one holds a few new items whose texts are ASCII:
 * these are stepped over without making their contents. Yjs itself reads whatever else comes, so what is refused as
 * unreadable here is what no client could read.
 *
 * @throws where the bytes are not an update
 */
export function readUpdate(bytes: Uint8Array): ReadUpdate {
  return readPlainUpdate(bytes) ?? asRead(decodeUpdate(bytes));
}

/** What Yjs has decoded. */
export function asRead({ structs, ds, blocks: announced }: DecodedUpdate): ReadUpdate {
  const blocks: { readonly client: number; readonly structs: ReadStruct[] }[] = [];
  for (const struct of structs) {
    const { client } = struct.id;
    if (blocks.at(-1)?.client !== client) blocks.push({ client, structs: [] });
    blocks.at(-1)!.structs.push(asReadStruct(struct));
  }
  // A block without structs is none that Yjs writes: the index refuses it.
  for (let i = blocks.length; i < announced; i++) blocks.push({ client: -1, structs: [] });
  const deletions = [...ds.clients].flatMap(([client, ranges]) =>
    ranges.map(({ clock, len }) => ({ client, clock, length: len })),
  );
  return { blocks, deletions };
}

function asReadStruct(struct: DecodedUpdate["structs"][number]): ReadStruct {
  const { length } = struct;
  const { clock } = struct.id;
  if (!(struct instanceof Y.Item))
    return { ...bare, kind: struct instanceof Y.Skip ? "skip" : "collected", clock, length };
  const { origin, rightOrigin, parentSub, content } = struct;
  const parent = struct.parent as unknown as StructId | string | null;
  return {
    ...{ kind: "item", clock, length, origin, rightOrigin, parent, parentSub },
    content:
      content instanceof Y.ContentType ? "type" : content instanceof Y.ContentDoc ? "document" : "other",
  };
}

const bare = { origin: null, rightOrigin: null, parent: null, parentSub: null, content: "other" } as const;

// ── the quick way: Yjs's first encoding, as far as plain edits use it

const longestName = 1_000;
/** Values within values, deeper than which Yjs reads. */
const deepest = 16;

let view: Uint8Array = new Uint8Array(0);
let at = 0;
/** Something is not plain, or the bytes end too early. */
let lost = false;

/** @returns undefined where Yjs has to look, whatever the reason */
export function readPlainUpdate(bytes: Uint8Array): ReadUpdate | undefined {
  [view, at, lost] = [bytes, 0, false];
  const blocks: ReadBlock[] = [];
  for (let left = varUint(); left > 0 && !lost; left--) blocks.push(block());
  const deletions: ReadUpdate["deletions"][number][] = [];
  for (let left = varUint(); left > 0 && !lost; left--) {
    const client = varUint();
    for (let ranges = varUint(); ranges > 0 && !lost; ranges--)
      deletions.push({ client, clock: varUint(), length: varUint() });
  }
  const isWhole = !lost && at === view.length;
  view = nothing;
  return isWhole ? { blocks, deletions } : undefined;
}

const nothing = new Uint8Array(0);

function block(): ReadBlock {
  const count = varUint();
  const client = varUint();
  let clock = varUint();
  const structs: ReadStruct[] = [];
  if (count === 0) lost = true;
  for (let left = count; left > 0 && !lost; left--) {
    const struct = item(clock);
    structs.push(struct);
    clock += struct.length;
  }
  return { client, structs };
}

function item(clock: number): ReadStruct {
  const info = byte();
  const origin = info & structBits.origin ? id() : null;
  const rightOrigin = info & structBits.rightOrigin ? id() : null;
  let parent: ReadStruct["parent"] = null;
  let parentSub: string | null = null;
  if (!origin && !rightOrigin) {
    parent = varUint() === 1 ? ascii() : id();
    if (info & structBits.key) {
      if (typeof parent === "string") parentSub = ascii();
      else stepOver(varUint());
    }
  }
  const content = info & structBits.holds;
  const length = contentLength(content);
  if (length < 1) lost = true;
  const what = content === held.type ? "type" : "other";
  // Written out: a copy of a part of it would be made for every struct that comes.
  return { kind: "item", clock, length, origin, rightOrigin, parent, parentSub, content: what };
}

/** Step over a content. @returns how many clocks it takes */
function contentLength(content: number): number {
  switch (content) {
    case held.deleted:
      return varUint();
    case held.binary:
      skip(varUint());
      return 1;
    case held.string: {
      const length = varUint();
      stepOver(length);
      return length;
    }
    case held.type:
      // The others have names of their own, or are not ours.
      if (varUint() > types.text) lost = true;
      return 1;
    case held.any: {
      const count = varUint();
      for (let left = count; left > 0 && !lost; left--) value(0);
      return count;
    }
    default:
      lost = true;
      return 0;
  }
}

/** Step over a value as lib0 writes "any". */
function value(depth: number): void {
  if (depth > deepest) lost = true;
  switch (byte()) {
    case values.undefined:
    case values.null:
    case values.false:
    case values.true:
      return;
    case values.integer:
      // A sign, then seven bits a byte.
      for (let left = 8; byte() >= 0x80; left--) if (left === 0) lost = true;
      return;
    case values.float32:
      skip(4);
      return;
    case values.float64:
      skip(8);
      return;
    case values.string:
      stepOver(varUint());
      return;
    case values.object:
      for (let left = varUint(); left > 0 && !lost; left--) {
        stepOver(varUint());
        value(depth + 1);
      }
      return;
    case values.array:
      for (let left = varUint(); left > 0 && !lost; left--) value(depth + 1);
      return;
    case values.bytes:
      skip(varUint());
      return;
    default:
      lost = true;
  }
}

function id(): StructId {
  return { client: varUint(), clock: varUint() };
}

function byte(): number {
  if (at < view.length) return view[at++]!;
  lost = true;
  return 0;
}

function varUint(): number {
  let number = 0;
  // Seven bytes hold 49 bits: more than any clock or client has.
  for (let factor = 1, left = 7; left > 0; left--, factor *= 128) {
    const next = byte();
    number += (next & 0x7f) * factor;
    if (next < 0x80) return number;
  }
  lost = true;
  return 0;
}

function skip(length: number): void {
  at += length;
  if (at > view.length) lost = true;
}

/** Step over a text of so many bytes, all ASCII: any other is Yjs's to judge. */
function stepOver(length: number): void {
  const end = at + length;
  if (end > view.length) lost = true;
  else for (; at < end; at++) if (view[at]! >= 0x80) lost = true;
}

/** The name of a root, or a key in it. */
function ascii(): string {
  const length = varUint();
  const start = at;
  stepOver(length);
  if (length > longestName) lost = true;
  return lost ? "" : String.fromCharCode.apply(null, view.subarray(start, at) as unknown as number[]);
}
