import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "vite";
import { vi } from "vitest";

/** Build the client as it ships, into a folder of its own. @returns the folder; whoever asked removes it */
export async function buildClient(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "lamella-web-"));
  // Test runners set another one, and the libraries then keep their development code.
  vi.stubEnv("NODE_ENV", "production");
  await build({
    configFile: resolve(import.meta.dirname, "../../client/vite.config.ts"),
    logLevel: "error",
    build: { outDir: folder, emptyOutDir: true },
  });
  vi.unstubAllEnvs();
  return folder;
}
