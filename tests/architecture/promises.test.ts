import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "./imports.ts";

const page = readFileSync(join(root, "server/sync/PROTOCOL.md"), "utf8");

/** Each file a row of the table names, with the words that follow it in quotes. */
const shown = [...page.matchAll(/^\| [^\n]*\|$/gm)].flatMap(([row]) =>
  [...row.matchAll(/`(tests\/[\w./-]+\.test\.ts)`((?: "[^"]+")*)/g)].map((m) => ({
    file: m[1]!,
    words: [...m[2]!.matchAll(/"([^"]+)"/g)].map(([, words]) => words!),
  })),
);

it("every test that the table of promises names is there, and says what it is named for", () => {
  expect(shown.length).toBeGreaterThan(25);
  const missing = shown.filter(({ file }) => !existsSync(join(root, file))).map(({ file }) => file);
  expect(missing).toEqual([]);
  for (const { file, words } of shown) {
    const text = readFileSync(join(root, file), "utf8");
    expect(words.length, file).toBeGreaterThan(0);
    for (const said of words) expect(text.includes(said), `${file} says nothing of "${said}"`).toBe(true);
  }
});

it("every promise to a lab has its row, and every rule of the protocol a test that bears its number", () => {
  const rows = new Set([...page.matchAll(/^\| (R\d+) \|/gm)].map(([, name]) => name));
  const promised = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 18, 20].map((n) => `R${n}`);
  expect([...rows]).toEqual(promised);
  const rules = [...page.matchAll(/^- \*\*(P\d+)\*\*/gm)].map(([, name]) => name!);
  expect(rules.length).toBeGreaterThan(25);
  const tests = ["tests/server/sync", "tests/client/session"].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => readFileSync(join(root, folder, name), "utf8")),
  );
  const untested = rules.filter((rule) => !tests.some((text) => new RegExp(`\\b${rule}\\b`).test(text)));
  expect(untested).toEqual([]);
});
