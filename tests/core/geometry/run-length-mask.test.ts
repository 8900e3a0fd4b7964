import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outlineOfMask } from "#core/geometry/mask-outline.ts";
import {
  decodeCounts,
  encodeCounts,
  invertMask,
  maskArea,
  maskBox,
  maskOfRings,
} from "#core/geometry/run-length-mask.ts";

// Reference strings, areas and boxes computed with the original C code of the COCO tools.
const polygons = [
  {
    name: "C",
    rings: [[0, 0, 4, 0, 4, 3, 0, 3]],
    w: 10,
    h: 10,
    text: "03700000l1",
    area: 12,
    box: [0, 0, 4, 3],
  },
  {
    name: "D",
    rings: [[1.5, 1.5, 7.5, 1.5, 7.5, 6.5, 1.5, 6.5]],
    w: 12,
    h: 10,
    text: "f055000000000V1",
    area: 30,
    box: [2, 2, 6, 5],
  },
  { name: "E", rings: [[2, 1, 9, 1, 2, 8]], w: 12, h: 10, text: "e064O1O1O1O1OX1", area: 21, box: null },
  {
    name: "F",
    rings: [
      [1, 1, 7, 1, 7, 7, 1, 7],
      [3, 3, 5, 3, 5, 5, 3, 5],
    ],
    w: 8,
    h: 8,
    text: "96200L00000004007",
    area: 32,
    box: [1, 1, 6, 6],
  },
] as const;

describe("COCO masks", () => {
  it.each(polygons)("polygon $name gives the reference runs", ({ rings, w, h, text, area, box }) => {
    const mask = maskOfRings(rings, w, h);
    expect(encodeCounts(mask.counts)).toBe(text);
    expect(maskArea(mask)).toBe(area);
    if (box) expect(maskBox(mask)).toEqual(box);
  });

  it("writes and reads the reference strings", () => {
    expect(encodeCounts([3, 2, 1, 2, 3, 1])).toBe("32102O");
    expect(encodeCounts([0, 1, 2, 1])).toBe("0120");
    expect(decodeCounts("32102O")).toEqual([3, 2, 1, 2, 3, 1]);
    expect(decodeCounts("03700000l1")).toEqual([0, 3, 7, 3, 7, 3, 7, 3, 67]);
    expect(() => decodeCounts("\u0001")).toThrow(RangeError);
  });

  it("every list of runs survives its string, and runs add up to the image", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { minLength: 1, maxLength: 40 }), (counts) => {
        expect(decodeCounts(encodeCounts(counts))).toEqual(counts);
      }),
      { seed: 5 },
    );
    const mask = maskOfRings([[-20, -3, 40, 8, 12, 90]], 31, 17);
    expect(mask.counts.reduce((a, b) => a + b, 0)).toBe(31 * 17);
    const rest = invertMask(mask);
    expect(maskArea(mask) + maskArea(rest)).toBe(31 * 17);
  });

  it("an outline of a mask gives the mask back, holes and corner contacts included", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 35, maxLength: 35 }), (bits) => {
        const [h, w] = [5, 7];
        const counts: number[] = [];
        let value = false;
        let run = 0;
        for (const bit of bits) {
          if (bit === value) run++;
          else {
            counts.push(run);
            run = 1;
            value = bit;
          }
        }
        counts.push(run);
        const outline = outlineOfMask({ size: [h, w], counts });
        const seen = bits.map((_, i) => {
          const [x, y] = [Math.floor(i / h) + 0.5, (i % h) + 0.5];
          let crossings = 0;
          for (const { points } of outline) {
            points.forEach(([x0, y0], k) => {
              const [x1, y1] = points[(k + 1) % points.length]!;
              if (y0 > y !== y1 > y && x < x0 + ((x1 - x0) * (y - y0)) / (y1 - y0)) crossings++;
            });
          }
          return crossings % 2 === 1;
        });
        expect(seen).toEqual(bits);
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});
