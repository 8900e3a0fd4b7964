import { describe, expect, it } from "vitest";
import { MarkIndex } from "#client/layers/mark-index.ts";
import { createStyles } from "#client/layers/mark-style.ts";
import { createRandom } from "#core/random/generator.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { annotation, square } from "../tools/gesture.ts";

const seed = Number(process.env.SEED ?? 11);
const ids = (marks: readonly { annotation: Annotation }[]) => marks.map((mark) => mark.annotation.id);
const load = (...marks: Annotation[]) => {
  const index = new MarkIndex(() => createStyles([]));
  index.load(new Map(marks.map((mark) => [mark.id, mark])), 0);
  return index;
};

describe("hits", () => {
  it("a line under the pointer comes before an area above it; of areas the smallest first", () => {
    const index = load(
      annotation("large", square(0, 0, 100), { order: "c" }),
      annotation("small", square(40, 40, 20), { order: "a" }),
      annotation(
        "trace",
        [
          { x: 0, y: 50 },
          { x: 100, y: 50 },
        ],
        {
          order: "b",
          kind: "interface-trace",
          outline: {
            rings: [
              {
                closed: false,
                hole: false,
                vertices: [
                  { id: 0, x: 0, y: 50 },
                  { id: 1, x: 100, y: 50 },
                ],
              },
            ],
          },
        },
      ),
    );
    expect(ids(index.hits({ x: 50, y: 51 }, 3))).toEqual(["trace", "small", "large"]);
    expect(ids(index.hits({ x: 20, y: 20 }, 3))).toEqual(["large"]);
    expect(ids(index.hits({ x: 300, y: 20 }, 3))).toEqual([]);
  });

  it("the inside of a hole is outside", () => {
    const vertices = (points: ReturnType<typeof square>, from: number) =>
      points.map((p, i) => ({ id: from + i, ...p }));
    const holed = annotation("holed", [], {
      outline: {
        rings: [
          { closed: true, hole: false, vertices: vertices(square(0, 0, 100), 0) },
          { closed: true, hole: true, vertices: vertices(square(30, 30, 40), 4) },
        ],
      },
    });
    const index = load(holed);
    expect(ids(index.hits({ x: 50, y: 50 }, 2))).toEqual([]);
    expect(ids(index.hits({ x: 10, y: 50 }, 2))).toEqual(["holed"]);
  });

  it("marks of other frames are not there", () => {
    const index = load(
      annotation("elsewhere", square(0, 0, 10), { frames: [3, 5] }),
      annotation("here", square(0, 0, 10)),
    );
    expect(ids(index.hits({ x: 5, y: 5 }, 1))).toEqual(["here"]);
  });
});

it("after any run of edits it finds what a plain search of the marks finds", () => {
  const random = createRandom(seed);
  const marks = new Map<string, Annotation>();
  const place = (id: string) =>
    annotation(
      id,
      square(Math.floor(random() * 900), Math.floor(random() * 900), 5 + Math.floor(random() * 60)),
    );
  for (let i = 0; i < 300; i++) marks.set(`m${i}`, place(`m${i}`));
  const index = new MarkIndex(() => createStyles([]));
  index.load(marks, 0);
  for (let round = 0; round < 200; round++) {
    const id = `m${Math.floor(random() * 330)}`;
    if (random() < 0.3) marks.delete(id);
    else marks.set(id, place(id));
    index.update(marks, [id], 0);
    const [x, y] = [random() * 1000, random() * 1000];
    const window = { minX: x, minY: y, maxX: x + 150, maxY: y + 90 };
    const expected = [...marks.values()].filter(({ outline }) => {
      const [p, , q] = outline.rings[0]!.vertices;
      return p!.x <= window.maxX && q!.x >= window.minX && p!.y <= window.maxY && q!.y >= window.minY;
    });
    expect(ids(index.within(window)).sort(), `seed ${seed}, round ${round}`).toEqual(
      expected.map((m) => m.id).sort(),
    );
  }
});
