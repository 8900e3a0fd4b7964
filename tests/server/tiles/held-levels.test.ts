import { describe, expect, it } from "vitest";
import type { SourceImage } from "#core/formats/reader.ts";
import { halve } from "#core/pyramid/downsample.ts";
import { pyramidLevels } from "#core/pyramid/levels.ts";
import { heldLevels, readHeldTile } from "#server/tiles/held-levels.ts";
import { phantomImage } from "../ingest/phantom-image.ts";

const encoding = { tileType: "u16", tileScale: { scale: 1, offset: 0 } } as const;

/** A picture with copies of these sizes, each of its own noise: whoever reads the wrong one is found out. */
function withCopies(width: number, height: number, sizes: readonly (readonly [number, number])[]) {
  const phantoms = [
    phantomImage("uint16", width, height),
    ...sizes.map(([w, h], i) => phantomImage("uint16", w, h, { seed: i + 2 })),
  ];
  const image: SourceImage = {
    ...phantoms[0]!.image,
    reductions: phantoms.slice(1).map(({ image: copy }) => ({
      width: copy.width,
      height: copy.height,
      readRegion: (x, y, w, h) => copy.readRegion(0, x, y, w, h),
    })),
  };
  return { image, frames: phantoms.map((p) => p.frames[0] as Uint16Array) };
}

describe("levels a file holds", () => {
  it("none of a small picture, of a stack, or of one without copies", () => {
    const { image } = withCopies(2050, 1100, [[1025, 550]]);
    expect(heldLevels(image)).toEqual([]);
    expect(heldLevels({ ...image, frames: 2 }, 1)).toEqual([]);
    expect(heldLevels(phantomImage("uint16", 2050, 1100).image, 1)).toEqual([]);
  });

  it("copies of factor 4 serve the level between by halving, and the last level is always built", () => {
    const { image } = withCopies(4100, 2060, [
      [1025, 515],
      [256, 128],
    ]);
    expect(pyramidLevels(4100, 2060)).toHaveLength(5);
    expect(heldLevels(image, 1)).toEqual([
      { copy: 0, halvings: 0 },
      { copy: 0, halvings: 1 },
      { copy: 1, halvings: 0 },
    ]);
    // Entries of a palette have no mean: nothing is halved.
    const labelled = { ...image, display: { palette: new Uint8Array(768) } };
    expect(heldLevels(labelled, 1)).toEqual([{ copy: 0, halvings: 0 }]);
  });

  it("a tile between two copies is the mean of the finer one, to its odd edge", async () => {
    const { image, frames } = withCopies(2051, 1027, [[512, 256]]);
    const tile = await readHeldTile(image, { copy: 0, halvings: 1 }, encoding, {
      level: 1,
      column: 2,
      row: 1,
    });
    const half = halve("u16", frames[0]!, 2051, 1027);
    const [left, top, width, height] = [1024, 512, 1026 - 1024, 514 - 512];
    const expected = Array.from(
      { length: width * height },
      (_, i) => half[(top + Math.floor(i / width)) * 1026 + left + (i % width)],
    );
    expect([...tile]).toEqual(expected);
  });

  it("where the writer rounded down, the last column and row are repeated", async () => {
    const { image, frames } = withCopies(2051, 1027, [[1025, 513]]);
    expect(heldLevels(image, 1)).toEqual([
      { copy: 0, halvings: 0 },
      { copy: 1, halvings: 0 },
    ]);
    const tile = await readHeldTile(image, { copy: 1, halvings: 0 }, encoding, {
      level: 1,
      column: 2,
      row: 1,
    });
    const at = (x: number, y: number) => frames[1]![y * 1025 + x];
    expect([...tile]).toEqual([at(1024, 512), at(1024, 512), at(1024, 512), at(1024, 512)]);
  });
});
