// The whole test command: lint, compiler, build, unit and architecture tests, then a real browser.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { findChromium } from "./chromium.mjs";
import "./need-node.mjs";
import { installNginx } from "./nginx.mjs";

const root = join(import.meta.dirname, "..");
const bin = (name) => join(root, "node_modules", ".bin", name);

function run(title, command, args, env = {}) {
  console.log(`\n── ${title}`);
  const started = Date.now();
  const { status, signal } = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  console.log(
    `── ${title}: ${status === 0 ? "passed" : `failed (${signal ?? status})`} in ${((Date.now() - started) / 1000).toFixed(1)} s`,
  );
  if (status !== 0) process.exit(status ?? 1);
}

const only = process.argv.slice(2);
if (only.length > 0) {
  run("chosen tests", bin("vitest"), ["run", ...only]);
  process.exit(0);
}

run("lint and format", bin("biome"), ["check", "."]);
run("compiler", bin("tsc"), ["-b"]);
run("client build", bin("vite"), ["build", "--config", "client/vite.config.ts", "--logLevel", "warn"]);
installNginx();
run("unit, contract, convergence and architecture tests", bin("vitest"), ["run"]);
const chromium = findChromium();
if (existsSync(chromium)) {
  run("browser tests", bin("vitest"), ["run", "--config", "tests/e2e/vitest.config.ts"], {
    LAMELLA_CHROMIUM: chromium,
  });
}
