import { describe, expect, it } from "vitest";
import { boxAround } from "#client/layers/paint-suggestions.ts";

describe("what to look at to see a suggestion", () => {
  it("is its own extent where that is large enough", () => {
    const points: [number, number][] = [
      [40, 90],
      [300, 20],
      [160, 200],
    ];
    expect(boxAround({ points }, 100)).toEqual({ minX: 40, maxX: 300, minY: 20, maxY: 200 });
  });

  it("is its surroundings where it has no size, along either side by itself", () => {
    expect(boxAround({ points: [[50, 60]] }, 30)).toEqual({ minX: 35, maxX: 65, minY: 45, maxY: 75 });
    const flat: [number, number][] = [
      [0, 10],
      [400, 10],
    ];
    expect(boxAround({ points: flat }, 30)).toEqual({ minX: 0, maxX: 400, minY: -5, maxY: 25 });
  });
});
