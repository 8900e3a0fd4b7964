import { defineConfig } from "vitest/config";

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
    // On a busy machine a screen may take its time; what never comes fails all the same.
    expect: { poll: { timeout: 45_000 } },
  },
});
