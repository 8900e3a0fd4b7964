import { defineConfig } from "vitest/config";
import { patienceMs } from "../patience.ts";

// A real server and a real Chromium: one file at a time, generous limits for small machines.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    environment: "node",
    pool: "forks",
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: patienceMs } },
  },
});
