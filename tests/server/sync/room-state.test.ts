import { expect, it } from "vitest";
import * as Y from "yjs";
import { createRandom } from "#core/random/generator.ts";
import { RoomState } from "#server/sync/room-state.ts";
import { recordUpdates } from "./marks.ts";

const seed = Number(process.env.SEED ?? 12);

const contents = (doc: Y.Doc) => JSON.stringify(Object.entries(doc.getMap("a").toJSON()).sort());
const whole = (parts: readonly Uint8Array[]) => {
  const doc = new Y.Doc();
  for (const part of parts) Y.applyUpdate(doc, part);
  return doc;
};

it(`holds the same by every way to read it, whatever is stored whole, packed, taken and rested meanwhile (seed ${seed})`, () => {
  const random = createRandom(seed);
  const integer = (below: number) => Math.floor(random() * below);
  const author = new Y.Doc();
  const updates = recordUpdates(author);
  const state = new RoomState(null, []);
  const packings: {
    readonly before: readonly Uint8Array[];
    readonly packing: ReturnType<RoomState["beginPacking"]>;
  }[] = [];
  let taken: (ReturnType<RoomState["takeDocument"]> & { readonly written: Uint8Array | null }) | null = null;
  const commit = () => {
    author.getMap("a").set(`mark-${integer(20)}`, integer(1_000));
    for (const update of updates.splice(0)) state.push(update);
  };
  const acts = [
    commit,
    commit,
    () => state.rebase(Y.encodeStateAsUpdate(whole(state.parts())), state.tailUpdates),
    () => state.rest(),
    () => expect(contents(state.document())).toBe(contents(author)),
    () => {
      const packing = state.beginPacking();
      packings.push({ before: [...state.parts()].map((part) => part.slice()), packing });
    },
    () => {
      const next = packings.shift();
      if (!next) return;
      if (random() < 0.3) state.giveUpPacking(next.packing);
      else state.keepPacked({ ...next.packing, messages: next.before, inPieces: true });
    },
    () => {
      if (!taken) {
        const { doc, ...rest } = state.takeDocument();
        const before = Y.encodeStateVector(doc);
        doc.getMap("a").set(`server-${integer(5)}`, integer(1_000));
        const written = Y.encodeStateAsUpdate(doc, before);
        taken = { doc, ...rest, written };
        if (random() < 0.5) return;
      }
      const { written, giveBack, letGo } = taken;
      taken = null;
      if (random() < 0.3) {
        letGo();
        return;
      }
      state.push(written!);
      Y.applyUpdate(author, written!);
      updates.length = 0;
      giveBack(written);
    },
  ];
  let packed = 0;
  for (let i = 0; i < 700; i++) {
    acts[integer(acts.length)]!();
    expect(contents(whole(state.parts()))).toBe(contents(author));
    if (!state.packed) continue;
    packed++;
    const messages = state.packed.messages as readonly Uint8Array[];
    expect(contents(whole([...messages, ...state.packed.since.from(0)]))).toBe(contents(author));
  }
  expect(packed).toBeGreaterThan(100);
});
