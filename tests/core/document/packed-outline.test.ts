import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isOrderKey, orderBetween } from "#core/document/order-key.ts";
import { packOutline, type StoredRing, unpackOutline } from "#core/document/packed-outline.ts";

const seed = Number(process.env.SEED ?? 4_711);
const options = { seed, numRuns: 300 };

const rings = fc
  .array(
    fc.record({
      closed: fc.boolean(),
      hole: fc.boolean(),
      points: fc.array(
        fc.tuple(
          fc.integer({ min: -(2 ** 30), max: 2 ** 30 }),
          fc.integer({ min: -5, max: 5 }),
          fc.boolean(),
        ),
        { maxLength: 12 },
      ),
    }),
    { maxLength: 4 },
  )
  .chain((shapes) => {
    const count = shapes.reduce((sum, { points }) => sum + points.length, 0);
    const ids = fc.oneof(
      fc.constant(Array.from({ length: count }, (_, i) => i)),
      fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 30 }), { minLength: count, maxLength: count }),
    );
    return ids.map((chosen): StoredRing[] => {
      let next = 0;
      return shapes.map(({ closed, hole, points }) => ({
        closed,
        hole,
        vertices: points.map(([x, y, removed]) => ({ id: chosen[next++]!, x, y, removed })),
      }));
    });
  });

describe("packed outline", () => {
  it("A5 comes back as it was packed", () => {
    fc.assert(
      fc.property(rings, (outline) => {
        expect(unpackOutline(packOutline(outline))).toEqual(outline);
      }),
      options,
    );
  });

  it("A5 has these bytes for a triangle: flags, rings, header, steps; nothing for its ids", () => {
    const triangle = [
      [64, 128],
      [74, 128],
      [69, 118],
    ].map(([x, y], id) => ({ id, x: x!, y: y!, removed: false }));
    const bytes = packOutline([{ closed: true, hole: false, vertices: triangle }]);
    // varInt: bit 7 goes on, bit 6 sign, 6 bits; then 7 bits a byte. 64 = 0x80 0x01, 128 = 0x80 0x02, -5 = 0x45.
    expect([...bytes]).toEqual([0, 1, 13, 0x80, 1, 0x80, 2, 10, 0, 0x45, 0x4a]);
  });

  it("A6 ids of a run cost two numbers however long it is", () => {
    const run = (start: number) => [
      {
        closed: true,
        hole: false,
        vertices: Array.from({ length: 500 }, (_, i) => ({ id: start + i, x: i, y: 0, removed: false })),
      },
    ];
    expect(packOutline(run(2 ** 29)).length - packOutline(run(0)).length).toBe(7);
  });

  it("T2 refuses bytes that are no outline, and never with another error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          unpackOutline(bytes);
        } catch (error) {
          expect(error).toMatchObject({ name: "DocumentError" });
        }
      }),
      { ...options, numRuns: 2_000 },
    );
    expect(() => unpackOutline(Uint8Array.of(4, 0))).toThrow(
      expect.objectContaining({ code: "outline-newer" }),
    );
  });
});

describe("order keys", () => {
  it("A8 always leave room between two, and stay short where marks are only added on top", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 120 }), (places) => {
        const keys: string[] = [];
        for (const place of places) {
          const at = place % (keys.length + 1);
          keys.splice(at, 0, orderBetween(keys[at - 1] ?? null, keys[at] ?? null));
        }
        expect([...keys].sort((a, b) => (a < b ? -1 : 1))).toEqual(keys);
        expect(new Set(keys).size).toBe(keys.length);
        for (const key of keys) expect(isOrderKey(key)).toBe(true);
      }),
      options,
    );
    let top: string | null = null;
    for (let i = 0; i < 10_000; i++) {
      const next = orderBetween(top, null);
      expect(top === null || next > top).toBe(true);
      top = next;
    }
    expect(top!.length).toBeLessThanOrEqual(4);
  });

  it("refuses keys in the wrong order", () => {
    expect(() => orderBetween("a1", "a0")).toThrow(RangeError);
    expect(isOrderKey("")).toBe(false);
  });
});
