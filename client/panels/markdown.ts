/** What a comment may be dressed as. There is no HTML in it anywhere: it is drawn from these pieces, never from markup. */
export type Inline =
  | { readonly is: "text" | "code" | "mention"; readonly text: string }
  | { readonly is: "strong" | "emphasis"; readonly inside: readonly Inline[] }
  | { readonly is: "link"; readonly href: string; readonly text: string };

export type Block =
  | { readonly is: "paragraph" | "quote"; readonly lines: readonly (readonly Inline[])[] }
  | { readonly is: "list"; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly is: "code"; readonly text: string };

const fence = /^```/;
const bullet = /^\s*[-*+]\s+(.*)$/;
const numbered = /^\s*\d{1,3}[.)]\s+(.*)$/;
const quoted = /^>\s?(.*)$/;
const deepest = 4;

/**
 * A subset of Markdown: paragraphs with their line breaks, lists, quotations, code, emphasis, links over http(s), and the
 * names of people after an @. Everything else stays the text it is.
 *
 * @param names who can be mentioned; the longest that fits counts
 */
export function parseComment(text: string, names: readonly string[] = []): readonly Block[] {
  const blocks: Block[] = [];
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const inline = inlineParser(names);
  const take = (pattern: RegExp, i: number): string[] => {
    const taken: string[] = [];
    for (; i < lines.length; i++) {
      const match = pattern.exec(lines[i]!);
      if (!match) break;
      taken.push(match[1] ?? "");
    }
    return taken;
  };
  for (let i = 0; i < lines.length; ) {
    const line = lines[i]!;
    if (line.trim() === "") {
      i++;
    } else if (fence.test(line)) {
      const end = lines.findIndex((other, at) => at > i && fence.test(other));
      const stop = end < 0 ? lines.length : end;
      blocks.push({ is: "code", text: lines.slice(i + 1, stop).join("\n") });
      i = stop + 1;
    } else if (bullet.test(line) || numbered.test(line)) {
      const ordered = !bullet.test(line);
      const items = take(ordered ? numbered : bullet, i);
      blocks.push({ is: "list", ordered, items: items.map(inline) });
      i += items.length;
    } else if (quoted.test(line)) {
      const quote = take(quoted, i);
      blocks.push({ is: "quote", lines: quote.map(inline) });
      i += quote.length;
    } else {
      const paragraph = take(/^((?!```|>|\s*[-*+]\s|\s*\d{1,3}[.)]\s).*\S.*)$/, i);
      blocks.push({ is: "paragraph", lines: paragraph.map(inline) });
      i += Math.max(1, paragraph.length);
    }
  }
  return blocks;
}

/** One alternative a piece; what stands around a star or an underscore keeps "2*3*4" and "E_a" the text they are. */
const pieces = new RegExp(
  [
    /`(?<code>[^`]+)`/,
    /\*\*(?<strong>\S(?:[^*]*[^\s*])?)\*\*/,
    /(?<![\w*])\*(?<star>[^\s*](?:[^*]*[^\s*])?)\*(?![\w*])/,
    /(?<!\w)_(?<underscore>[^\s_](?:[^_]*[^\s_])?)_(?!\w)/,
    /\[(?<label>[^[\]]+)\]\((?<target>https?:\/\/[^\s()]+)\)/,
    /(?<bare>https?:\/\/[^\s<>"')\]]*[^\s<>"')\].,;:!?])/,
    /(?<![\w@])@(?<at>\p{L}.*)/u,
  ]
    .map(({ source }) => source)
    .join("|"),
  "u",
);

function inlineParser(names: readonly string[]) {
  const longestFirst = [...names].sort((a, b) => b.length - a.length);
  const parse = (text: string, depth: number): Inline[] => {
    const found: Inline[] = [];
    let rest = text;
    const plain = (part: string) => {
      const last = found.at(-1);
      if (part === "") return;
      if (last?.is === "text") found[found.length - 1] = { is: "text", text: last.text + part };
      else found.push({ is: "text", text: part });
    };
    while (rest !== "") {
      const match = depth > deepest ? null : pieces.exec(rest);
      if (!match?.groups) {
        plain(rest);
        break;
      }
      plain(rest.slice(0, match.index));
      const { code, strong, star, underscore, label, target, bare, at } = match.groups;
      let used = match[0].length;
      if (code !== undefined) found.push({ is: "code", text: code });
      else if (strong !== undefined) found.push({ is: "strong", inside: parse(strong, depth + 1) });
      else if (label !== undefined) found.push({ is: "link", href: target!, text: label });
      else if (bare !== undefined) found.push({ is: "link", href: bare, text: bare });
      else if (at !== undefined) {
        const name = longestFirst.find((known) => startsWithName(at, known));
        used = name === undefined ? 1 : 1 + name.length;
        if (name === undefined) plain("@");
        else found.push({ is: "mention", text: at.slice(0, name.length) });
      } else found.push({ is: "emphasis", inside: parse((star ?? underscore)!, depth + 1) });
      rest = rest.slice(match.index + used);
    }
    return found;
  };
  return (text: string) => parse(text, 0);
}

function startsWithName(text: string, name: string): boolean {
  if (text.slice(0, name.length).toLowerCase() !== name.toLowerCase()) return false;
  return !/^[\p{L}\p{N}]/u.test(text.slice(name.length));
}

/** "Mara Lindqvist (guest of A. Owner)" is called by "Mara Lindqvist". */
export function calledName(name: string): string {
  return name.replace(/\s*\((?:guest of |demo).*\)\s*$/, "");
}
