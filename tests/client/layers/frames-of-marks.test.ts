import { describe, expect, it } from "vitest";
import { frameTimeWords } from "#client/layers/frame-time-words.ts";
import { markedFrames } from "#client/layers/marked-frames.ts";
import { annotation, square } from "../tools/gesture.ts";

describe("frames of a stack", () => {
  it("that have marks of their own", () => {
    const on = (id: string, frames: "all" | [number, number], deleted = false) =>
      annotation(id, square(0, 0, 5), { frames, deleted });
    expect(
      markedFrames([
        on("a", [7, 7]),
        on("b", "all"),
        on("c", [2, 4]),
        on("d", [9, 9], true),
        on("e", [0, 80]),
      ]),
    ).toEqual([2, 3, 4, 7]);
  });

  it("say their time since the first, where the file has one", () => {
    expect(frameTimeWords([100, 100.25, 112.4, 385], 1)).toBe("0.25 s");
    expect(frameTimeWords([100, 100.25, 112.4, 385], 2)).toBe("12.4 s");
    expect(frameTimeWords([100, 100.25, 112.4, 385], 3)).toBe("4 min 45 s");
    expect(frameTimeWords(null, 3)).toBe("");
  });
});
