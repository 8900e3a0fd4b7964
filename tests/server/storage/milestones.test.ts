import { expect, it, onTestFinished } from "vitest";
import { openEmbeddedStore } from "#server/storage/embedded/embedded-store.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const room = "micrograph:abcdefgh:annotations";

it("keeps one whole state per thousand updates or five megabytes, the last, and the start of each epoch", async () => {
  const store = await openEmbeddedStore({ dataDir: await temporaryFolder(), migrations: [] });
  onTestFinished(() => store.close());
  const log = store.documentLog;
  const { epoch } = await log.open(room);
  const append = async (count: number, byteLength = 1) =>
    (
      await log.append(
        Array.from({ length: count }, () => ({
          ...{ room, epoch, bytes: new Uint8Array(byteLength), principalId: "anna", receivedAtMs: 1 },
          ...{ touched: [], bind: [] },
        })),
      )
    ).at(-1)!;
  const kept = () =>
    store.read<{ seq: number }>("SELECT seq FROM room_checkpoint ORDER BY seq").map(({ seq }) => seq);
  const checkpoint = async (seq: number) => {
    await log.checkpoint(room, seq, Uint8Array.of(1));
    return seq;
  };

  await checkpoint(await append(600));
  const far = await checkpoint(await append(600));
  const near = await checkpoint(await append(300));
  expect(kept()).toEqual([far, near]);
  const big = await checkpoint(await append(6, 1024 * 1024));
  const last = await checkpoint(await append(1));
  expect(kept()).toEqual([far, big, last]);
  await log.newEpoch(room, Uint8Array.of(2));
  const { epoch: next } = await log.open(room);
  const [first] = await log.append([
    {
      ...{ room, epoch: next, bytes: Uint8Array.of(1), principalId: "anna", receivedAtMs: 1 },
      ...{ touched: [], bind: [] },
    },
  ]);
  await checkpoint(first!);
  expect(kept()).toEqual([far, big, last, first]);
});
