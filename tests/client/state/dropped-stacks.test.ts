import { describe, expect, it } from "vitest";
import { placedInStacks, stacksAmong } from "#client/state/dropped-stacks.ts";

const dropped = (path: string, size = 10) => ({
  path,
  file: { size, lastModified: 5 } as File,
});

describe("numbered files of a drop", () => {
  const files = [...[3, 1, 2, 5, 4].map((n) => dropped(`day/frame_${n}.tif`)), dropped("day/notes.txt")];

  it("take their places in the stack that was chosen; the others none", async () => {
    const stacks = await stacksAmong(files);
    const placed = placedInStacks(files, stacks);
    expect(placed.map(({ stack }) => stack?.index ?? null)).toEqual([2, 0, 1, 4, 3, null]);
    expect(placed[0]!.stack).toMatchObject({ name: "frame", count: 5 });
    expect(new Set(placed.slice(0, 5).map(({ stack }) => stack!.id)).size).toBe(1);
    expect(placedInStacks(files, []).every(({ stack }) => stack === undefined)).toBe(true);
  });

  it("are the same stack when they come again, and another when one has changed", async () => {
    const idOf = async (all: typeof files) => placedInStacks(all, await stacksAmong(all))[0]!.stack!.id;
    const id = await idOf(files);
    expect(await idOf(files.toReversed().toReversed())).toBe(id);
    expect(await idOf([...files.slice(0, 4), dropped("day/frame_4.tif", 11)])).not.toBe(id);
  });
});
