import type { Bench } from "./bench.ts";

// Benches by name; each is loaded only when it is asked for, so that one does not warm up another.
const benches: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  ingest: () => import("./ingest.ts"),
  big: () => import("./big.ts"),
  tiles: () => import("./tiles.ts"),
  screens: () => import("./screens.ts"),
  sync: () => import("./sync.ts"),
  "sync-crowd": () => import("./sync-crowd.ts"),
  "first-paint": () => import("./first-paint.ts"),
  document: () => import("./document.ts"),
  layer: () => import("./layer.ts"),
  measurement: () => import("./measurement.ts"),
};

const [name = "", ...flags] = process.argv.slice(2);
const load = benches[name];
if (!load) {
  console.error(
    `Usage: npm run -s bench -- NAME [--json], NAME one of ${Object.keys(benches).join(", ")}; got "${name}".`,
  );
  process.exit(2);
}
const { bench } = await load();
const rows = await bench.run(flags);
if (flags.includes("--json")) console.log(JSON.stringify({ bench: name, rows }));
else console.table(rows);
process.exit(0);
