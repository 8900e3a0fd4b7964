import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { createRandom } from "#core/random/generator.ts";
import { decodeUpdate } from "#server/sync/decoded-update.ts";
import { asRead, type ReadUpdate, readPlainUpdate, readUpdate } from "#server/sync/read-update.ts";

const seed = Number(process.env.SEED ?? 11);

/** What the index may rely on: a key within a type need not have been read, nor the order in which deletions stand. */
function comparable({ blocks, deletions }: ReadUpdate) {
  return {
    blocks: blocks.map(({ client, structs }) => ({
      client,
      structs: structs.map(({ kind, clock, length, origin, rightOrigin, parent, parentSub, content }) => ({
        ...{ kind, clock, length, content, origin: idOf(origin), rightOrigin: idOf(rightOrigin) },
        parent: typeof parent === "string" ? parent : idOf(parent),
        key: typeof parent === "string" ? parentSub : null,
      })),
    })),
    deletions: deletions.toSorted((a, b) => a.client - b.client || a.clock - b.clock),
  };
}

const idOf = (id: { readonly client: number; readonly clock: number } | null) => id && [id.client, id.clock];

/** Updates of three people who edit everything that Yjs has, each as it was sent. */
function updatesOf(random: () => number, edits: number): Uint8Array[] {
  const integer = (below: number) => Math.floor(random() * below);
  const pick = <T>(...of: readonly T[]): T => of[integer(of.length)]!;
  const docs = Array.from({ length: 3 }, () => new Y.Doc());
  const sent: Uint8Array[] = [];
  for (const doc of docs)
    doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== "remote") sent.push(update);
    });
  const plain = () =>
    pick<unknown>(
      ...[integer(1e9) - 5e8, random(), random() * 1e300, -0.5, 12n, true, false, null, undefined],
      ...["plain", "", "µm ± 0,5", "𝛿", { a: [1, { b: "c" }], d: new Uint8Array([1, 2]) }, []],
      new Uint8Array(integer(200)),
    );
  for (let n = 0; n < edits; n++) {
    const doc = pick(...docs);
    const marks = doc.getMap<unknown>("a");
    doc.transact(() => {
      const key = `mark-${integer(12)}`;
      const mark = marks.get(key);
      if (!(mark instanceof Y.Map)) marks.set(key, new Y.Map([["g", new Uint8Array(integer(300))]]));
      else if (random() < 0.7) mark.set(pick("v1", "v2", "note", "größe"), plain());
      else if (random() < 0.3) marks.delete(key);
      else if (random() < 0.5) mark.set("list", Y.Array.from<object | string>([{ c: "µ" }, "b", [1]]));
      else mark.delete("note");
      const text = doc.getText("t");
      if (random() < 0.2) text.insert(integer(text.length + 1), pick("ab", "ü", "line\n"));
      if (random() < 0.1 && text.length > 3) text.format(0, 2, { bold: true });
      if (random() < 0.1 && text.length > 3) text.delete(integer(text.length - 2), 2);
      if (random() < 0.05) text.insertEmbed(0, { picture: "x" });
      if (random() < 0.05) doc.getMap("d").set("sub", new Y.Doc());
      if (random() < 0.05) doc.getXmlFragment("x").insert(0, [new Y.XmlElement("p")]);
    });
    if (random() < 0.3) {
      const from = pick(...docs);
      const update = Y.encodeStateAsUpdate(from, Y.encodeStateVector(doc));
      Y.applyUpdate(doc, update, "remote");
      sent.push(update);
    }
  }
  return [...sent, Y.mergeUpdates(sent), Y.encodeStateAsUpdate(docs[0]!)];
}

/** What comes of reading, or that it cannot be read. */
function outcome(read: () => ReadUpdate) {
  try {
    return comparable(read());
  } catch {
    return "unreadable";
  }
}

describe(`an update read for the index (seed ${seed})`, () => {
  const random = createRandom(seed);
  const updates = updatesOf(random, 1_500);

  it("says what Yjs's own decoder says, of all that Yjs writes", () => {
    for (const update of updates)
      expect(comparable(readUpdate(update))).toEqual(comparable(asRead(decodeUpdate(update))));
  });

  it("takes the quick way for what people draw, and leaves the rest to Yjs", () => {
    const doc = new Y.Doc();
    const mark = new Y.Map<unknown>();
    doc.getMap("a").set("mark-1", mark);
    const sent: Uint8Array[] = [];
    doc.on("update", (update: Uint8Array) => sent.push(update));
    mark.set("g", new Uint8Array(100));
    mark.set("v3", [2, 10.25, 40.5]);
    mark.set("classId", "delamination");
    mark.set("note", "µm");
    expect(sent.map((update) => readPlainUpdate(update) !== undefined)).toEqual([true, true, true, false]);
  });

  it("is unreadable where it is for Yjs, and where it can be read says the same: every cut, thousands of flipped bits", () => {
    const small = updates.filter(({ length }) => length < 300).slice(0, 400);
    let readable = 0;
    for (const update of small) {
      const damaged = [update.slice(0, Math.floor(random() * update.length))];
      for (let n = 0; n < 12; n++) {
        const flipped = update.slice();
        flipped[Math.floor(random() * flipped.length)]! ^= 1 << Math.floor(random() * 8);
        damaged.push(flipped);
      }
      for (const bytes of damaged) {
        const said = outcome(() => readUpdate(bytes));
        expect(said).toEqual(outcome(() => asRead(decodeUpdate(bytes))));
        if (said !== "unreadable") readable++;
      }
    }
    for (const update of small.slice(0, 40))
      for (let end = 0; end < update.length; end++) {
        const cut = update.slice(0, end);
        expect(outcome(() => readUpdate(cut))).toEqual(outcome(() => asRead(decodeUpdate(cut))));
      }
    // Otherwise nothing would have been compared but refusals.
    expect(readable).toBeGreaterThan(500);
  });
});
