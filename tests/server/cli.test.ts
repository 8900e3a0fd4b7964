import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const lamella = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["server/cli.ts", ...args], {
    cwd: root,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
};

describe("the command line", () => {
  it.each([["--help"], ["info", "--help"], ["ingest", "-h"]])("helps whoever asks: %s %s", (...args) => {
    const { status, stdout, stderr } = lamella(...args);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Usage: /);
  });

  it("says which option there is not, without a trace of its own code", () => {
    const { status, stdout, stderr } = lamella("info", "--bogus", "a.tif");
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^Unknown option '--bogus'\.\nUsage: /);
    expect(stderr).not.toContain("node:internal");
  });
});
