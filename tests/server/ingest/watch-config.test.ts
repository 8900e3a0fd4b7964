import { describe, expect, it } from "vitest";
import { readConfig } from "#server/config.ts";

describe("--watch", () => {
  it("is a folder and what its folders' names mean", () => {
    const { watch } = readConfig(
      ["--watch", "scope", "--watch-pattern", "{instrument}/{project}/…"],
      {},
      "/lab",
    );
    expect(watch?.folder).toBe("/lab/scope");
    expect(watch?.pattern("Titan/wires/a.dm4")).toEqual({ instrument: "Titan", project: "wires" });
    expect(readConfig(["--watch", "scope"], {}, "/lab").watch?.pattern("wires/x/a.dm4")).toEqual({
      project: "wires",
    });
    expect(readConfig([], {}, "/lab").watch).toBeNull();
    expect(watch?.inPlace).toBe(false);
    expect(readConfig(["--watch", "scope", "--watch-in-place"], {}, "/lab").watch?.inPlace).toBe(true);
  });

  it.each([
    ["--watch-pattern", "{project}"],
    ["--watch-in-place"],
    ["--watch", "scope", "--watch-pattern", "{colour}"],
  ])("a sentence with the usage for %s %s", (...args) => {
    expect(() => readConfig(args, {}, "/lab")).toThrow(/^Expected [\s\S]*Usage: lamella serve/);
  });
});
