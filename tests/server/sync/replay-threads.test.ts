import { expect, it, onTestFinished, vi } from "vitest";
import * as Y from "yjs";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import type { AnnotationSnapshot } from "#core/document/snapshot.ts";
import { type Parts, replayHere } from "#server/sync/replay.ts";
import { ReplayThreads } from "#server/sync/replay-threads.ts";
import { patienceMs } from "#tests/patience.ts";
import { startServer } from "./running-server.ts";
import { square } from "./square.ts";

/** A room of so many marks, each with four moved corners and the first deleted, as a whole state and an update. */
function roomOf(marks: number): Parts {
  const doc = new Y.Doc();
  const document = openAnnotationDocument(doc);
  for (let i = 0; i < marks; i++) {
    document.execute({ type: "create", id: `mark-${i}`, annotation: square });
    const vertices = [0, 1, 2, 3].map((id) => ({ id, x: i + id * 7, y: 5 + id }));
    document.execute({ type: "move-vertices", id: `mark-${i}`, vertices });
  }
  const whole = Y.encodeStateAsUpdate(doc);
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => void updates.push(update));
  document.execute({ type: "delete", ids: ["mark-0"] });
  return [whole, ...updates];
}

/** What is sent to whoever asks for the marks. */
const readIn = async (parts: Parts) =>
  JSON.parse(Buffer.concat(await replayHere.annotations(parts)).toString()) as AnnotationSnapshot;

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
  expect(Buffer.concat(await threads.annotations(parts))).toEqual(
    Buffer.concat(await replayHere.annotations(parts)),
  );
  expect(await threads.marks(parts, ["mark-3"])).toEqual(await replayHere.marks(parts, ["mark-3"]));
  const { annotations } = await readIn(parts);
  const renamed = annotations.slice(0, 3).map((mark) => ({ ...mark, id: `${mark.id}-again` }));
  const json = { format: "lamella-annotations", version: 1, annotations: renamed };
  const add = { type: "add-snapshot", json, most: marks + 2 } as const;
  const written = await threads.write(parts, 78, add);
  expect(written.result).toEqual({ ids: renamed.map(({ id }) => id), held: marks - 1, added: 3 });
  const after = await readIn([...parts, written.update!]);
  expect(after.annotations).toHaveLength(marks + 2);
  // One too many, and none of them comes.
  const tooMany = await threads.write(parts, 78, { ...add, most: marks + 1 });
  expect(tooMany).toEqual({ update: null, result: { ids: null, held: marks - 1, added: 3 } });
  // A refusal says the same wherever it was found out.
  const broken = { ...add, json: { ...json, annotations: [{ ...renamed[0], kind: "nonsense" }] } };
  const refusals = [threads, replayHere].map((replay) =>
    replay.write(parts, 78, broken).then(
      () => expect.unreachable(),
      ({ code, message, context }) => ({ ...{ code, message, context } }),
    ),
  );
  const [there, here] = await Promise.all(refusals);
  expect(there).toEqual(here);
  expect(there).toMatchObject({ code: "snapshot-malformed" });
});

it("P60 thousands of marks written for somebody leave the loop to others, and come as one edit", async () => {
  const threads = new ReplayThreads();
  onTestFinished(() => threads.close());
  const { rooms, log } = await startServer({ replay: threads });
  const marks = Array.from({ length: 3_000 }, (_, i) => ({ id: `added-${i}`, annotation: square }));
  const room = "micrograph:abcdefgh:annotations";
  let turns = 0;
  let writing = true;
  const turn = () => {
    turns++;
    if (writing) setTimeout(turn, 1);
  };
  setTimeout(turn, 1);
  const edit = { type: "add-marks", marks, most: 10_000 } as const;
  const { ids } = await rooms.editAsServer(room, "p-import", edit);
  writing = false;
  expect(ids).toEqual(marks.map(({ id }) => id));
  expect(turns).toBeGreaterThan(20);
  const history = await log.history(room, 0, 10);
  expect(history.map(({ principalId, touched }) => [principalId, touched.length])).toEqual([
    ["p-import", 3_000],
  ]);
});

it("P60 a mark that comes under the same id while others are being worked out is not replaced", async () => {
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const worked = vi.fn();
  const { rooms } = await startServer({
    replay: {
      ...replayHere,
      async write(parts, clientId, edit) {
        const written = await replayHere.write(parts, clientId, edit);
        worked();
        if (worked.mock.calls.length === 1) await held;
        return written;
      },
    },
  });
  const room = "micrograph:abcdefgh:annotations";
  const add = (name: string) => ({
    type: "add-marks" as const,
    marks: [{ id: "wanted-by-both", annotation: { ...square, name } }],
    most: 10,
  });
  const first = rooms.editAsServer(room, "p-anna", add("first"));
  await vi.waitFor(() => expect(worked).toHaveBeenCalledTimes(1), patienceMs);
  expect((await rooms.editAsServer(room, "p-ben", add("second"))).ids).toEqual(["wanted-by-both"]);
  letGo();
  const [other] = (await first).ids!;
  expect(other).not.toBe("wanted-by-both");
  const names = await rooms.readDocument(room, (doc) => {
    const document = openAnnotationDocument(doc);
    return Object.fromEntries([...document.annotations()].map(([id, { name }]) => [id, name]));
  });
  expect(names).toEqual({ "wanted-by-both": "second", [other!]: "first" });
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
