import { expect, it } from "vitest";
import * as Y from "yjs";
import { applyPackedUpdate } from "#client/session/packed-update.ts";
import { createRandom } from "#core/random/generator.ts";

const seed = Number(process.env.SEED ?? 11);

/** Every kind of value that lib0 writes; words that repeat, of one hash, at the bounds of lengths, and beyond ASCII. */
function valuesOf(random: () => number): unknown[] {
  const integer = (below: number) => Math.floor(random() * below);
  const words = [
    "kind",
    "region",
    "",
    "é",
    "日本",
    "Aa",
    "BB",
    "a".repeat(24),
    "a".repeat(25),
    "b".repeat(200),
  ];
  const word = () => words[integer(words.length)]!;
  return Array.from({ length: 300 }, () => [
    word(),
    integer(2 ** 31) - 2 ** 30,
    random(),
    Math.fround(random()),
    null,
    undefined,
    random() < 0.5,
    Uint8Array.of(integer(256), 0),
    2n ** 60n + BigInt(integer(100)),
    { [word()]: word(), [word()]: { deep: [word(), { [word()]: -1.5 }], empty: {} }, none: [] },
  ]);
}

it(`reads an update of every kind of value as Yjs does (seed ${seed})`, () => {
  const random = createRandom(seed);
  const doc = new Y.Doc();
  const values = valuesOf(random);
  doc.transact(() => {
    for (const [i, value] of values.entries()) {
      const record = new Y.Map<unknown>([["value", value]]);
      doc.getMap("records").set(`id-${i}`, record);
    }
    doc.getMap("records").delete("id-7");
    doc.getText("text").insert(0, "words of people, 日本");
    doc.getArray("list").push(["x", { embedded: true }]);
  });
  const update = Y.encodeStateAsUpdateV2(doc);
  const [ours, theirs] = [new Y.Doc(), new Y.Doc()];
  Y.applyUpdateV2(theirs, update);
  const origins: unknown[] = [];
  ours.on("update", (_bytes: Uint8Array, origin: unknown) => void origins.push(origin));
  applyPackedUpdate(ours, update, "from here");
  expect(origins).toEqual(["from here"]);
  const read = (doc: Y.Doc) =>
    values.map((_, i) => (doc.getMap("records").get(`id-${i}`) as Y.Map<unknown> | undefined)?.get("value"));
  expect(read(ours)).toEqual(read(theirs));
  expect(read(ours)[8]).toEqual(values[8]);
  expect(read(ours)[7]).toBeUndefined();
  expect(ours.getText("text").toString()).toBe("words of people, 日本");
  expect(Y.encodeStateAsUpdateV2(ours)).toEqual(Y.encodeStateAsUpdateV2(theirs));
});

it("leaves what builds on something missing waiting, as Yjs does", () => {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on("updateV2", (update: Uint8Array) => void updates.push(update));
  doc.getArray("list").push(["first"]);
  doc.getArray("list").push(["second"]);
  const opened = new Y.Doc();
  applyPackedUpdate(opened, updates[1]!);
  expect(opened.getArray("list").toJSON()).toEqual([]);
  applyPackedUpdate(opened, updates[0]!);
  expect(opened.getArray("list").toJSON()).toEqual(["first", "second"]);
});
