import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { createRandom } from "#core/random/generator.ts";
import { cutUpdate } from "#server/sync/cut-update.ts";

const seed = Number(process.env.SEED ?? 8);

/** Every kind of content that Yjs knows, values of every kind, deletions: by one client. */
function everything(random: () => number): Y.Doc {
  const integer = (below: number) => Math.floor(random() * below);
  const doc = new Y.Doc();
  doc.clientID = 1 + integer(2 ** 31);
  const records = doc.getMap<Y.Map<unknown>>("records");
  const [list, text, tree] = [doc.getArray("list"), doc.getText("text"), doc.getXmlFragment("tree")];
  for (let i = 0; i < 400; i++) {
    const value = [
      ...[integer(9) - 4, random(), Math.fround(random()), 2n ** 60n, null, undefined, true, false],
      ...["text, 日本 😀", Uint8Array.of(1, 2), [[], {}], { key: [{ deep: "é" }] }],
    ][integer(12)];
    records.set(`é-${i}`, new Y.Map<unknown>([["value", [value]]]));
    list.insert(integer(list.length + 1), [[value], i]);
    text.insert(integer(text.length + 1), "word 😀 日本", random() < 0.3 ? { bold: true } : {});
    if (i % 7 === 0) text.insertEmbed(0, { picture: "of a film" });
    if (i % 9 === 0) {
      const element = new Y.XmlElement("region");
      tree.push([element, new Y.XmlText("name")]);
      element.setAttribute("class", "film");
    }
    if (i % 11 === 0) {
      records.delete(`é-${integer(i + 1)}`);
      list.delete(integer(list.length), 1);
      text.delete(integer(text.length - 2), 2);
    }
    if (i % 50 === 0) records.set(`nested-${i}`, new Y.Doc() as never);
  }
  return doc;
}

describe("an update cut by its bytes", () => {
  it(`is the same document, each piece complete when it comes (seed ${seed})`, () => {
    const doc = everything(createRandom(seed));
    const update = Y.encodeStateAsUpdate(doc);
    const pieces = cutUpdate(update, 100, 300);
    expect(pieces.length).toBeGreaterThan(5);
    const opened = new Y.Doc();
    const clocks: number[] = [];
    for (const piece of pieces) {
      Y.applyUpdate(opened, piece);
      expect(opened.store.pendingStructs).toBeNull();
      clocks.push(Y.decodeStateVector(Y.encodeStateVector(opened)).get(doc.clientID)!);
    }
    expect(clocks).toEqual([...new Set(clocks)].sort((a, b) => a - b));
    expect(Y.encodeStateAsUpdate(opened)).toEqual(update);
    expect(Y.mergeUpdates(pieces)).toEqual(update);
  });

  it("is left whole where it is small, or several people's", () => {
    const doc = everything(createRandom(seed));
    const update = Y.encodeStateAsUpdate(doc);
    expect(cutUpdate(update, 1_000_000, 1)).toEqual([update]);
    doc.clientID = 5;
    doc.getArray("list").push(["another's"]);
    const both = Y.encodeStateAsUpdate(doc);
    expect(cutUpdate(both, 100, 100)).toEqual([both]);
  });

  it("begins where its author had written before", () => {
    const doc = everything(createRandom(seed));
    const known = Y.encodeStateVector(doc);
    const opened = new Y.Doc();
    Y.applyUpdate(opened, Y.encodeStateAsUpdate(doc));
    for (let i = 0; i < 50; i++) doc.getArray("list").insert(0, [i]);
    doc.getText("text").delete(0, 3);
    const pieces = cutUpdate(Y.encodeStateAsUpdate(doc, known), 10, 10);
    expect(pieces).toHaveLength(5);
    for (const piece of pieces) Y.applyUpdate(opened, piece);
    expect(Y.encodeStateAsUpdate(opened)).toEqual(Y.encodeStateAsUpdate(doc));
  });
});
