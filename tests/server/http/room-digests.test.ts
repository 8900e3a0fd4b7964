import { describe, expect, it, vi } from "vitest";
import { RoomDigests } from "#server/http/room-digests.ts";

/** A log that grows when told to, and a count of how often each room was read. */
function world() {
  const seqs = new Map<string, number>();
  const reads: string[] = [];
  let trouble: string | null = null;
  const digests = new RoomDigests({ history: { lastSeq: async (room) => seqs.get(room) ?? 0 } });
  const read = async (room: string, seq: number) => {
    if (room === trouble) throw new Error("the disk is away");
    reads.push(room);
    return `${room} at ${seq}`;
  };
  const ask = (...rooms: string[]) => digests.of(rooms, read).then((answers) => Object.fromEntries(answers));
  return { seqs, reads, ask, fail: (room: string | null) => (trouble = room) };
}

describe("digests of rooms", () => {
  it("read a room once, and again only when its log has grown", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const { seqs, reads, ask } = world();
      seqs.set("a", 2500);
      expect(await ask("a", "b")).toEqual({ a: "a at 2500", b: "b at 0" });
      vi.setSystemTime(Date.now() + 10_000);
      expect(await ask("a", "b")).toEqual({ a: "a at 2500", b: "b at 0" });
      expect(reads).toEqual(["a", "b"]);
      seqs.set("a", 2501);
      // Asked again at once, the answer may be as old as the last look.
      expect(await ask("a")).toEqual({ a: "a at 2500" });
      vi.setSystemTime(Date.now() + 10_000);
      expect(await ask("a")).toEqual({ a: "a at 2501" });
      expect(reads).toEqual(["a", "b", "a"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("a room that cannot be read is missing, the others answer, and it is asked for again", async () => {
    const { ask, fail } = world();
    fail("a");
    expect(await ask("a", "b")).toEqual({ b: "b at 0" });
    fail(null);
    expect(await ask("a", "b")).toEqual({ a: "a at 0", b: "b at 0" });
  });
});
