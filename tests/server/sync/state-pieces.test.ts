import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { createRandom } from "#core/random/generator.ts";
import { statePieces } from "#server/sync/state-pieces.ts";

const seed = Number(process.env.SEED ?? 6);

/** `people` write marks, set fields in each other's, and delete some. */
function written(people: number, marks: number, edits: number): Y.Doc {
  const random = createRandom(seed);
  const integer = (below: number) => Math.floor(random() * below);
  const doc = new Y.Doc();
  const each = Math.ceil(marks / people);
  for (let person = 0; person < people; person++) {
    doc.clientID = 1_000 + integer(1_000) * people + person;
    const ids: string[] = [];
    doc.transact(() => {
      for (let i = 0; i < each; i++) {
        const id = `${person}-${i}`;
        ids.push(id);
        doc.getMap("a").set(
          id,
          new Y.Map<unknown>([
            ["m", { k: "region" }],
            ["g", Uint8Array.of(1, 2, 3)],
          ]),
        );
      }
    });
    const records = doc.getMap<Y.Map<unknown>>("a");
    const known = [...records.keys()];
    for (let i = 0; i < edits; i++) {
      const id = known[integer(known.length)]!;
      records.get(id)!.set(`v${integer(4)}`, integer(99));
      if (random() < 0.1) records.get(id)!.delete(`v${integer(4)}`);
    }
  }
  return doc;
}

const contents = (doc: Y.Doc) => JSON.stringify(Object.entries(doc.getMap("a").toJSON()).sort());

describe("pieces of a state", () => {
  it.each([
    ["one person", 1, 30_000, 50],
    ["four people in each other's marks", 4, 24_000, 200],
  ])(
    `of %s: each is complete when it comes, all of them are the whole (seed ${seed})`,
    (_who, people, marks, edits) => {
      const doc = written(people, marks, edits);
      const pieces = statePieces(Y.encodeStateAsUpdate(doc));
      expect(pieces.length).toBeGreaterThan(2);
      const opened = new Y.Doc();
      const sizes: number[] = [];
      for (const piece of pieces) {
        Y.applyUpdateV2(opened, piece);
        expect(opened.store.pendingStructs).toBeNull();
        sizes.push(opened.getMap("a").size);
      }
      expect(sizes[0]).toBeGreaterThan(300);
      expect(sizes[0]).toBeLessThan(2_000);
      expect(sizes[0]).toBeLessThan(marks / 2);
      expect(contents(opened)).toBe(contents(doc));
      expect(Y.encodeStateVector(opened)).toHaveLength(Y.encodeStateVector(doc).length);
      expect(Y.equalSnapshots(Y.snapshot(opened), Y.snapshot(doc))).toBe(true);
    },
  );

  it("leaves a small state, and one written too interleaved, in one piece", () => {
    expect(statePieces(Y.encodeStateAsUpdate(written(1, 100, 10)))).toHaveLength(1);
    const doc = new Y.Doc();
    // Each item stands on the other's last one.
    for (let i = 0; i < 400; i++) {
      doc.clientID = 1 + (i % 2);
      doc.getArray("a").push([i]);
    }
    const pieces = statePieces(Y.encodeStateAsUpdate(doc));
    const opened = new Y.Doc();
    for (const piece of pieces) Y.applyUpdateV2(opened, piece);
    expect(pieces).toHaveLength(1);
    expect(opened.getArray("a").toJSON()).toEqual(doc.getArray("a").toJSON());
  });
});
