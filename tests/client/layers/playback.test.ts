import { describe, expect, it } from "vitest";
import { frameDue } from "#client/layers/playback.ts";

describe("frames that run as they were taken", () => {
  const timesS = [5, 6, 8, 8.5, 14];
  const dueAfter = (seconds: number, speed = 1, frame = 0) =>
    frameDue(timesS, speed, { frame, atMs: 1000 }, 1000 + seconds * 1000);

  it("keep their irregular times", () => {
    expect([0, 0.9, 1, 2.9, 3, 3.4, 3.5, 8.9, 9].map((s) => dueAfter(s))).toEqual([
      0, 0, 1, 1, 2, 2, 3, 3, 4,
    ]);
  });

  it("pass over what comes too late, faster than it was taken", () => {
    expect([0.1, 0.2, 0.5, 0.95].map((s) => dueAfter(s, 10))).toEqual([1, 1, 3, 4]);
  });

  it("begin anew after the last, which stays for a usual step", () => {
    // Steps 0.5, 1, 2, 5.5: the upper middle one is 2 s, so a round takes 11 s.
    expect([10.9, 11, 12].map((s) => dueAfter(s))).toEqual([4, 0, 1]);
    expect([0, 1.9, 2].map((s) => dueAfter(s, 1, 4))).toEqual([4, 4, 0]);
  });

  it("of one moment still go on", () => {
    expect(frameDue([3, 3, 3], 1, { frame: 2, atMs: 0 }, 40)).toBe(0);
  });
});
