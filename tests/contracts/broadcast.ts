import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { Broadcast } from "#server/storage/broadcast.ts";
import { patienceMs } from "#tests/patience.ts";

/** What every doorbell does. `open` gives two ends of one bell (the same one twice, within a process). */
export function broadcastContract(open: () => Promise<readonly [Broadcast, Broadcast]>): void {
  describe("broadcast", () => {
    it("rings at every listener until it leaves", async () => {
      const [near, far] = await open();
      onTestFinished(() => Promise.all([near.close(), far.close()]).then(() => undefined));
      const heard = vi.fn();
      const leave = far.subscribe(heard);
      near.ring("room-a", 7);
      await vi.waitFor(() => expect(heard).toHaveBeenCalledExactlyOnceWith("room-a", 7), patienceMs);
      leave();
      const witness = vi.fn();
      far.subscribe(witness);
      near.ring("room-b", 8);
      await vi.waitFor(() => expect(witness).toHaveBeenCalledWith("room-b", 8), patienceMs);
      expect(heard).toHaveBeenCalledTimes(1);
    });
  });
}
