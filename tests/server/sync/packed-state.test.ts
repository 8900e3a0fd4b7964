import { expect, it } from "vitest";
import * as Y from "yjs";
import { createRandom } from "#core/random/generator.ts";
import { packUpdates } from "#server/sync/packed-state.ts";

it("the first marks of a large room can be sent while the rest is still being compressed", async () => {
  const random = createRandom(3);
  const doc = new Y.Doc();
  doc.clientID = 5;
  doc.transact(() => {
    for (let i = 0; i < 20_000; i++) {
      const outline = Uint8Array.from({ length: 400 }, () => random() * 256);
      doc.getMap("a").set(`mark-${i}`, new Y.Map<unknown>([["g", outline]]));
    }
  });
  const arrived: number[] = [];
  const messages = packUpdates([Y.encodeStateAsUpdate(doc)]);
  messages.forEach((message, i) => void message.then(() => arrived.push(i)));
  const first = await messages[0]!;
  expect(messages.length).toBeGreaterThan(3);
  expect(arrived).toEqual([0]);
  expect(first.length).toBeLessThan((await messages[1]!).length / 2);
});
