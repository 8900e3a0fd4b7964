import { FormatError, type Tag } from "./reader.ts";

/** An element of a vendor's XML. Comments, instructions and document types are passed over; nothing is fetched or expanded. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Text before the first child; references as they stand. */
  readonly text: string;
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

const maxDepth = 200;

/**
 * The elements of an XML document, in time proportional to its length.
 * @throws FormatError "malformed" when tags do not match, "truncated" when they are not closed
 */
export function readXml(xml: string): XmlElement {
  const root: OpenElement = { name: "", attributes: {}, children: [], text: "" };
  const open: OpenElement[] = [root];
  let at = 0;
  for (;;) {
    const start = xml.indexOf("<", at);
    const inner = open.at(-1)!;
    if (start < 0) {
      if (open.length === 1) return root;
      throw new FormatError("truncated", `The XML ends within <${inner.name}>. Copy the file again.`);
    }
    if (inner.children.length === 0) inner.text += xml.slice(at, start).trim();
    const isComment = xml.startsWith("<!--", start);
    const end = isComment ? xml.indexOf("-->", start + 4) : xml.indexOf(">", start);
    if (end < 0) throw new FormatError("truncated", "The XML ends within a tag. Copy the file again.");
    at = end + (isComment ? 3 : 1);
    const tag = xml.slice(start + 1, end);
    if (tag.startsWith("?") || tag.startsWith("!")) continue;
    if (tag.startsWith("/")) {
      if (open.length === 1 || tag.slice(1).trim() !== inner.name)
        throw new FormatError("malformed", `The XML closes <${tag.slice(1, 40)}> within <${inner.name}>.`);
      open.pop();
      continue;
    }
    const element: OpenElement = {
      name: /^[^\s/]*/.exec(tag)![0],
      attributes: Object.fromEntries([...tag.matchAll(/([\w:.-]+)="([^"]*)"/g)].map((m) => [m[1]!, m[2]!])),
      children: [],
      text: "",
    };
    inner.children.push(element);
    if (tag.endsWith("/")) continue;
    if (open.length > maxDepth) throw new FormatError("malformed", "The XML is nested too deeply.");
    open.push(element);
  }
}

/** The first element at a path of names. */
export function xmlAt(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>(
    (parent, name) => parent?.children.find((child) => child.name === name),
    element,
  );
}

/** A finite number written at a path. */
export function xmlNumber(element: XmlElement | undefined, ...path: readonly string[]): number | undefined {
  const text = xmlAt(element, ...path)?.text;
  const value = text ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

const longestTagText = 2000;

/** The elements as tags: names to texts; equal names and attributes tell apart; long texts (pixels) are left out. */
export function xmlToTag(element: XmlElement): Tag {
  if (element.children.length === 0)
    return element.text.length <= longestTagText ? element.text : `(${element.text.length} characters)`;
  const tags: Record<string, Tag> = {};
  for (const child of element.children) {
    const attributes = Object.values(child.attributes).join(" ");
    const name = attributes ? `${child.name} ${attributes}` : child.name;
    const nth = (n: number): string => (n === 1 ? name : `${name} (${n})`);
    let n = 1;
    while (Object.hasOwn(tags, nth(n)) && n < 100) n++;
    tags[nth(n)] = xmlToTag(child);
  }
  return tags;
}
