import { describe, expect, it } from "vitest";
import { calledName, type Inline, parseComment } from "#client/panels/markdown.ts";

const line = (text: string, names: readonly string[] = []): readonly Inline[] => {
  const [block] = parseComment(text, names);
  return block?.is === "paragraph" ? block.lines[0]! : [];
};
const plain = (text: string): Inline => ({ is: "text", text });

describe("comments in a subset of Markdown", () => {
  it("emphasis, code and links", () => {
    expect(line("**bold** and *leaning* and `E_a`")).toEqual([
      { is: "strong", inside: [plain("bold")] },
      plain(" and "),
      { is: "emphasis", inside: [plain("leaning")] },
      plain(" and "),
      { is: "code", text: "E_a" },
    ]);
    expect(line("see [the log](https://lab.example/1) or https://lab.example/2?a=b.")).toEqual([
      plain("see "),
      { is: "link", href: "https://lab.example/1", text: "the log" },
      plain(" or "),
      { is: "link", href: "https://lab.example/2?a=b", text: "https://lab.example/2?a=b" },
      plain("."),
    ]);
  });

  it.each([
    "2*3*4 nm",
    "E_a and E_b",
    "a * b * c",
    "5 ** 2",
    "snake_case_name",
    "mail@mara.example",
    "1 <b>x</b>",
  ])("%s stays as it is written", (text) => expect(line(text)).toEqual([plain(text)]));

  it("no address but http and https becomes a link, and no HTML is ever made", () => {
    for (const text of [
      "[x](javascript:alert(1))",
      "[x](data:text/html,1)",
      '<img src=x onerror="alert(1)">',
    ]) {
      expect(JSON.stringify(parseComment(text))).not.toContain('"link"');
    }
  });

  it("lists, quotations and code keep their lines; a paragraph its line breaks", () => {
    expect(
      parseComment("first\nsecond\n- a\n- b\n\n1. c\n> said\n```\n**x**\n```").map(({ is }) => is),
    ).toEqual(["paragraph", "list", "list", "quote", "code"]);
    expect(parseComment("first\nsecond")).toEqual([
      { is: "paragraph", lines: [[plain("first")], [plain("second")]] },
    ]);
    expect(parseComment("```\nnever closed")).toEqual([{ is: "code", text: "never closed" }]);
  });

  it("names of the project's people, the longest that fits; other names stay text", () => {
    const names = ["Mei", "Mei Tanaka", "Jörg Müller"];
    expect(line("@mei tanaka, @Jörg Müller: @Meier?", names)).toEqual([
      { is: "mention", text: "mei tanaka" },
      plain(", "),
      { is: "mention", text: "Jörg Müller" },
      plain(": @Meier?"),
    ]);
    expect(calledName("Li Wei (guest of A. Owner)")).toBe("Li Wei");
  });

  it("stays quick on ten thousand characters made to be slow", () => {
    const started = performance.now();
    for (const piece of ["**a ", "*a ", "_a ", "`", "[a](", "@a ", "> "])
      parseComment(piece.repeat(2500), ["a b"]);
    expect(performance.now() - started).toBeLessThan(4000);
  });
});
