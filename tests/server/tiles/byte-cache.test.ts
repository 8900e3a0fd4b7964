import { describe, expect, it } from "vitest";
import { createByteCache } from "#server/tiles/byte-cache.ts";

describe("byte cache", () => {
  it("forgets what was not used for longest, and never holds more than its limit", () => {
    const cache = createByteCache<string>(100);
    cache.set("a", "A", 40);
    cache.set("b", "B", 40);
    expect(cache.get("a")).toBe("A");
    cache.set("c", "C", 40);
    expect([cache.get("a"), cache.get("b"), cache.get("c"), cache.bytes]).toEqual(["A", undefined, "C", 80]);
  });

  it("replaces a value without counting it twice, and passes over what is too large", () => {
    const cache = createByteCache<string>(100);
    cache.set("a", "A", 60);
    cache.set("a", "A2", 50);
    cache.set("huge", "H", 101);
    expect([cache.get("a"), cache.get("huge"), cache.bytes]).toEqual(["A2", undefined, 50]);
    cache.delete("a");
    expect(cache.bytes).toBe(0);
  });
});
