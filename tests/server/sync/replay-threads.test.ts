import { expect, it, onTestFinished } from "vitest";
import * as Y from "yjs";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import type { NewAnnotation } from "#core/schema/annotation.ts";
import { type Parts, replayHere } from "#server/sync/replay.ts";
import { ReplayThreads } from "#server/sync/replay-threads.ts";

/** A room of so many marks, each with four moved corners and the first deleted, as a whole state and an update. */
function roomOf(marks: number): Parts {
  const doc = new Y.Doc();
  const document = openAnnotationDocument(doc);
  const annotation: NewAnnotation = {
    ...{
      kind: "region",
      classId: null,
      name: "",
      attributes: {},
      parameters: {},
      frames: "all",
      drawnOn: null,
    },
    ...{ objectId: null, interfaceId: null, body: null, drawnAt: null },
    origin: [{ by: "drawn", tool: "region", version: "1" }],
    rings: [
      {
        ...{ closed: true, hole: false },
        points: [
          [0, 0],
          [100, 0],
          [100, 50],
          [0, 50],
        ],
      },
    ],
  };
  for (let i = 0; i < marks; i++) {
    document.execute({ type: "create", id: `mark-${i}`, annotation });
    const vertices = [0, 1, 2, 3].map((id) => ({ id, x: i + id * 7, y: 5 + id }));
    document.execute({ type: "move-vertices", id: `mark-${i}`, vertices });
  }
  const whole = Y.encodeStateAsUpdate(doc);
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => void updates.push(update));
  document.execute({ type: "delete", ids: ["mark-0"] });
  return [whole, ...updates];
}

const ids = { small: 20, large: 1500 } as const;

it.each(Object.entries(ids))("P58 a %s room comes out alike here and in a thread", async (size, marks) => {
  const threads = new ReplayThreads();
  onTestFinished(() => threads.close());
  const parts = roomOf(marks);
  expect(parts.reduce((sum, { length }) => sum + length, 0) > 128 * 1024).toBe(size === "large");
  expect(await threads.fold(parts)).toEqual(await replayHere.fold(parts));
  expect(await threads.tidy(parts, 77)).toEqual(await replayHere.tidy(parts, 77));
  expect((await threads.tidy(parts, 77)).deletedMarks).toEqual(["mark-0"]);
  expect(await threads.purge(parts, 77, ["mark-0", "mark-1"])).toEqual(
    await replayHere.purge(parts, 77, ["mark-0"]),
  );
  expect(await threads.snapshot(parts)).toEqual(await replayHere.snapshot(parts));
  expect(await threads.marks(parts, ["mark-3"])).toEqual(await replayHere.marks(parts, ["mark-3"]));
});

it("P58 a large room leaves the loop to others meanwhile; what cannot be read is refused, and the thread goes on", async () => {
  const threads = new ReplayThreads();
  onTestFinished(() => threads.close());
  const parts = roomOf(ids.large);
  let turns = 0;
  let folding = true;
  const turn = () => {
    turns++;
    if (folding) setImmediate(turn);
  };
  setImmediate(turn);
  await threads.fold(parts);
  folding = false;
  expect(turns).toBeGreaterThan(2);
  const broken = new Uint8Array(200 * 1024).fill(255);
  await expect(threads.fold([broken])).rejects.toThrow();
  expect(await threads.fold(parts)).toEqual(await replayHere.fold(parts));
});
