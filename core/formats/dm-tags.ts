import { BinaryView } from "./binary-view.ts";
import type { ByteSource } from "./byte-source.ts";
import { FormatError, type Tag } from "./reader.ts";

/** An array too long to be a setting: pixels, spectra. Its place in the file, not its values. */
export interface DmBlock {
  readonly block: true;
  /** Type code of one element: 2 int16, 3 int32, 4 uint16 … 15 a struct. */
  readonly elementType: number;
  readonly elementBytes: number;
  readonly count: number;
  readonly offset: number;
}
export type DmValue = number | boolean | string | readonly number[] | DmBlock;
export type DmNode = DmGroup | DmValue;
/** Children in file order; unnamed ones are called by their position. */
export interface DmGroup {
  readonly children: ReadonlyMap<string, DmNode>;
}

export interface DmTree {
  readonly version: 3 | 4;
  readonly littleEndian: boolean;
  readonly root: DmGroup;
}

const bytesOfType: Readonly<Record<number, number>> = {
  2: 2,
  3: 4,
  4: 2,
  5: 4,
  6: 4,
  7: 8,
  8: 1,
  9: 1,
  10: 1,
  11: 8,
  12: 8,
}; // prettier-ignore
const maxDepth = 64;
const maxTags = 500_000;
const maxInlineElements = 2048;
const windowBytes = 1 << 16;

/**
 * The tag tree of a DM3 or DM4 file. Structure is big-endian; values follow the header's order. Every length is checked
 * against the file before it is believed, depth and number of tags are bounded, pixel arrays are only located.
 *
 * @throws FormatError "malformed", "truncated", "too-large"
 * Source: public descriptions of the format by C. Boothroyd and by the EELSLab and Bio-Formats projects.
 */
export async function readDmTags(source: ByteSource): Promise<DmTree> {
  const head = new BinaryView(await source.read(0, Math.min(16, source.size)), false);
  const version = head.u32();
  if (version !== 3 && version !== 4)
    throw new FormatError(
      "malformed",
      `Expected version 3 or 4 of DigitalMicrograph's format, found ${version}.`,
    );
  head.skip(version === 4 ? 8 : 4);
  const littleEndian = head.u32() === 1;
  const walker = new TagWalker(source, version, littleEndian, head.position);
  return { version, littleEndian, root: await walker.group(0) };
}

class TagWalker {
  readonly #source: ByteSource;
  readonly #wide: boolean;
  readonly #littleEndian: boolean;
  #window = new BinaryView(new Uint8Array(0), false);
  #windowStart = 0;
  #tags = 0;

  constructor(source: ByteSource, version: 3 | 4, littleEndian: boolean, start: number) {
    this.#source = source;
    this.#wide = version === 4;
    this.#littleEndian = littleEndian;
    this.#windowStart = start;
  }

  get #position(): number {
    return this.#windowStart + this.#window.position;
  }

  /** The window, positioned here, with at least `count` bytes ahead. */
  async #ahead(count: number): Promise<BinaryView> {
    if (this.#window.position + count > this.#window.length) {
      const start = this.#position;
      const length = Math.max(count, Math.min(windowBytes, this.#source.size - start));
      this.#window = new BinaryView(await this.#source.read(start, length), false);
      this.#windowStart = start;
    }
    return this.#window;
  }

  #jump(position: number): void {
    const within = position - this.#windowStart;
    if (within >= 0 && within <= this.#window.length) this.#window.seek(within);
    else {
      this.#window = new BinaryView(new Uint8Array(0), false);
      this.#windowStart = position;
    }
  }

  async #size(): Promise<number> {
    const view = await this.#ahead(8);
    return this.#wide ? view.u64() : view.u32();
  }

  async group(depth: number): Promise<DmGroup> {
    if (depth > maxDepth) throw malformed(`groups nested deeper than ${maxDepth}`);
    (await this.#ahead(2)).skip(2); // sorted, open: how the window showed them
    const count = this.#wide ? (await this.#ahead(8)).u64() : (await this.#ahead(4)).u32();
    if (count > this.#source.size) throw malformed(`a group announces ${count} tags`);
    const children = new Map<string, DmNode>();
    for (let i = 0; i < count; i++) {
      if (++this.#tags > maxTags)
        throw new FormatError("too-large", `The file has more than ${maxTags} tags. Save the image alone.`);
      const kind = (await this.#ahead(1)).u8();
      if (kind === 0) break;
      if (kind !== 0x14 && kind !== 0x15) throw malformed(`a tag of kind 0x${kind.toString(16)}`);
      const nameLength = (await this.#ahead(2)).u16();
      const name = (await this.#ahead(nameLength)).text(nameLength);
      if (this.#wide) (await this.#ahead(8)).skip(8); // length of what follows: redundant
      children.set(name || String(i), kind === 0x14 ? await this.group(depth + 1) : await this.#value(name));
    }
    return { children };
  }

  async #value(name: string): Promise<DmValue> {
    const marker = (await this.#ahead(4)).text(4);
    if (marker !== "%%%%") throw malformed("a tag without its %%%% mark");
    const infoCount = this.#wide ? (await this.#ahead(8)).u64() : (await this.#ahead(4)).u32();
    if (infoCount > 4096) throw malformed(`a tag described by ${infoCount} numbers`);
    const info: number[] = [];
    for (let i = 0; i < infoCount; i++)
      info.push(this.#wide ? (await this.#ahead(8)).u64() : (await this.#ahead(4)).u32());
    const type = info[0];
    if (type === undefined) throw malformed("a tag without a type");
    if (type === 15) return this.#struct(structFields(info, 0));
    if (type === 18) return this.#text(info[1] ?? 0);
    if (type === 20) return this.#array(info, name);
    return this.#scalar(await this.#ahead(sizeOf(type)), type);
  }

  async #struct(fields: readonly number[]): Promise<readonly number[]> {
    const values: number[] = [];
    for (const type of fields) values.push(Number(this.#scalar(await this.#ahead(sizeOf(type)), type)));
    return values;
  }

  async #text(units: number): Promise<string> {
    if (units * 2 > this.#source.size) throw malformed(`a text of ${units} characters`);
    const view = await this.#ahead(units * 2);
    view.littleEndian = this.#littleEndian;
    try {
      return view.text16(units);
    } finally {
      view.littleEndian = false;
    }
  }

  async #array(info: readonly number[], name: string): Promise<DmValue> {
    const elementType = info[1] ?? -1;
    const fields = elementType === 15 ? structFields(info, 1) : [elementType];
    const elementBytes = fields.reduce((sum, type) => sum + sizeOf(type), 0);
    const count = info.at(-1) ?? 0;
    const offset = this.#position;
    const end = offset + count * elementBytes;
    if (!(end <= this.#source.size))
      throw new FormatError(
        "truncated",
        `An array of ${count} elements ends at byte ${end}, but the file has ${this.#source.size}. Copy it again from the microscope's computer.`,
      );
    const isPixels = name === "Data"; // however few they are
    if (elementType === 4 && count <= maxInlineElements && !isPixels) return this.#text(count); // names and units are uint16 arrays
    if (count > maxInlineElements || elementType === 15 || isPixels) {
      this.#jump(end);
      return { block: true, elementType, elementBytes, count, offset };
    }
    const values: number[] = [];
    const view = await this.#ahead(count * elementBytes);
    for (let i = 0; i < count; i++) values.push(Number(this.#scalar(view, elementType)));
    this.#jump(end);
    return values;
  }

  #scalar(view: BinaryView, type: number): number | boolean {
    view.littleEndian = this.#littleEndian;
    try {
      if (type === 2) return view.i16();
      if (type === 3) return view.i32();
      if (type === 4) return view.u16();
      if (type === 5) return view.u32();
      if (type === 6) return view.f32();
      if (type === 7) return view.f64();
      if (type === 8) return view.u8() !== 0;
      if (type === 9) return view.i8();
      if (type === 10) return view.u8();
      if (type === 11) return view.i64();
      return view.u64();
    } finally {
      view.littleEndian = false;
    }
  }
}

/** Types of a struct's fields: info = […, 15, name length, n, (field name length, field type) × n]. */
function structFields(info: readonly number[], at: number): number[] {
  const count = info[at + 2] ?? -1;
  const fields = Array.from(
    { length: Math.min(Math.max(count, 0), info.length) },
    (_, i) => info[at + 4 + 2 * i] ?? -1,
  );
  if (count < 0 || fields.length !== count) throw malformed("a struct whose fields are not described");
  return fields;
}

function sizeOf(type: number): number {
  const size = bytesOfType[type];
  if (size === undefined) throw malformed(`a value of unknown type ${type}`);
  return size;
}

function malformed(what: string): FormatError {
  return new FormatError(
    "malformed",
    `DigitalMicrograph's tags hold ${what}. The file is damaged: save it again.`,
  );
}

export function isGroup(node: DmNode | undefined): node is DmGroup {
  return typeof node === "object" && "children" in node;
}

export function isBlock(node: DmNode | undefined): node is DmBlock {
  return typeof node === "object" && "block" in node;
}

/** What stands at a path of names, if anything does. */
export function dmAt(node: DmNode | undefined, ...path: readonly string[]): DmNode | undefined {
  let here = node;
  for (const name of path) here = isGroup(here) ? here.children.get(name) : undefined;
  return here;
}

export function dmNumber(node: DmNode | undefined, ...path: readonly string[]): number | undefined {
  const value = dmAt(node, ...path);
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

export function dmText(node: DmNode | undefined, ...path: readonly string[]): string | undefined {
  const value = dmAt(node, ...path);
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function dmChildren(node: DmNode | undefined): readonly DmNode[] {
  return isGroup(node) ? [...node.children.values()] : [];
}

/** The tree as plain tags; blocks become a note of their size. */
export function dmToTag(node: DmNode): Tag {
  if (isGroup(node))
    return Object.fromEntries([...node.children].map(([name, child]) => [name, dmToTag(child)]));
  if (isBlock(node)) return `(${node.count} elements of ${node.elementBytes} bytes)`;
  return node;
}
