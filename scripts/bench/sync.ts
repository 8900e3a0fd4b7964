import { fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench, BenchRow } from "./bench.ts";
import { dialects } from "./sync-dialect.ts";
import { type Outcome, putLoad, quantile, type Target, type Workload } from "./sync-load.ts";
import { makeDocuments, openings } from "./sync-open.ts";
import { installPeers } from "./sync-peers.ts";

const setting = (name: string, usual: number) => Number(process.env[`LAMELLA_BENCH_${name}`] ?? usual);
const seconds = setting("SECONDS", 5);
/** The same load before each measurement, uncounted. */
const warmUpSeconds = setting("WARM_UP_SECONDS", 3);
/** Servers take turns within a round, so that what else the machine does falls on all of them. */
const rounds = setting("ROUNDS", 2);

const time = { seconds, warmUpSeconds };
const workloads: Readonly<Record<string, Workload>> = {
  W1: { rooms: 1, clientsPerRoom: setting("CLIENTS", 50), perS: 4, kind: "edits", ...time },
  W2: { rooms: setting("ROOMS", 500), clientsPerRoom: 4, perS: 1, kind: "edits", ...time },
  W4: { rooms: 1, clientsPerRoom: setting("CLIENTS", 50), perS: 20, kind: "cursors", ...time },
};
const asked = (process.env["LAMELLA_BENCH_WORKLOADS"] ?? "W1,W2,W4,W3").split(",");

const compileCache = join(tmpdir(), `lamella-bench-compiled-${process.pid}`);

type ServerName = keyof typeof dialects;

export const bench: Bench = {
  name: "sync",
  async run() {
    const dataDir = await mkdtemp(join(tmpdir(), "lamella-bench-"));
    const peers = process.env["LAMELLA_BENCH_ALONE"] ? undefined : await installPeers();
    const scripts: Partial<Record<ServerName, string>> = {
      lamella: join(import.meta.dirname, "sync-server.ts"),
      ...peers?.scripts,
    };
    try {
      const rows: BenchRow[] = [];
      const warmUp: Workload = {
        rooms: 2,
        clientsPerRoom: 2,
        perS: 4,
        kind: "edits",
        seconds: 1,
        warmUpSeconds: 0,
      };
      for (const [server, script] of Object.entries(scripts) as [ServerName, string][])
        await runOne(server, script, join(dataDir, "warm-up"), warmUp);
      for (const name of asked.filter((name) => name in workloads)) {
        const outcomes = new Map<ServerName, Outcome[]>();
        for (let round = 0; round < rounds; round++) {
          for (const [server, script] of Object.entries(scripts) as [ServerName, string][]) {
            const outcome = await runOne(server, script, join(dataDir, `${name}-${round}`), workloads[name]!);
            outcomes.set(server, [...(outcomes.get(server) ?? []), outcome]);
          }
        }
        rows.push(...describe(name, workloads[name]!, outcomes));
      }
      if (asked.includes("W3")) rows.push(...(await openEverywhere(scripts, dataDir)));
      return [...rows, ...fdatasync(dataDir)];
    } finally {
      await rm(dataDir, { recursive: true, force: true });
      await rm(compileCache, { recursive: true, force: true });
      await peers?.remove();
    }
  },
};

/** A fresh process each time: what a workload leaves behind burdens no other. */
async function onServer<T>(
  name: ServerName,
  script: string,
  dataDir: string,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  const server = fork(script, [dataDir], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    // As `lamella serve` runs: what was compiled once is kept. The peers get the same.
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  });
  try {
    const [{ port }] = (await once(server, "message")) as [{ port: number }];
    return await work({ server, port, dialect: dialects[name] });
  } finally {
    server.disconnect();
    await once(server, "exit");
  }
}

const runOne = (name: ServerName, script: string, dataDir: string, load: Workload): Promise<Outcome> =>
  onServer(name, script, dataDir, (target) => putLoad(target, load));

/** Opening a document of many marks: Lamella with its own, the peers with the same one and with the usual layout. */
async function openEverywhere(
  scripts: Partial<Record<ServerName, string>>,
  dataDir: string,
): Promise<BenchRow[]> {
  const marks = setting("MARKS", 10_000);
  const { ours, usual } = makeDocuments(marks);
  const rows: BenchRow[] = [];
  let ownMs = Number.NaN;
  for (const [server, script] of Object.entries(scripts) as [ServerName, string][]) {
    const documents = server === "lamella" ? { ours } : { ours, usual };
    for (const [layout, document] of Object.entries(documents)) {
      const folder = join(dataDir, `W3-${layout}`);
      const opening = await onServer(server, script, folder, (at) => openings(server, at, document));
      if (server === "lamella") ownMs = opening.ms;
      const of =
        server === "lamella"
          ? server
          : `${server}, ${layout === "ours" ? "same document" : "a Y.Map a mark"}`;
      const row = (what: string, value: number, unit: string) =>
        rows.push({ case: `W3 ${of}: ${what}`, value, unit });
      row(`opening ${marks} marks, on the wire`, opening.wireBytes / 1e6, "MB");
      row("until it has arrived", opening.arrivedMs, "ms");
      row("until it is a document", opening.ms, "ms");
      if (server !== "lamella") row("lamella's time / its", ownMs / opening.ms, "x");
    }
  }
  return rows;
}

function describe(
  name: string,
  { kind, seconds }: Workload,
  outcomes: ReadonlyMap<ServerName, readonly Outcome[]>,
): BenchRow[] {
  const noun = kind === "edits" ? "deliveries" : "states";
  const rows: BenchRow[] = [];
  const cost = new Map<ServerName, number>();
  const memory = new Map<ServerName, number>();
  for (const [server, runs] of outcomes) {
    const sum = (of: (run: Outcome) => number) => runs.reduce((total, run) => total + of(run), 0);
    const latenciesMs = runs.flatMap((run) => run.latenciesMs).sort((a, b) => a - b);
    cost.set(server, (sum((run) => run.cpuS) / sum((run) => run.delivered)) * 1e4);
    memory.set(server, sum((run) => run.rssMb) / runs.length);
    const row = (what: string, value: number, unit: string) =>
      rows.push({ case: `${name} ${server}: ${what}`, value, unit });
    row(`${noun} to make`, sum((run) => run.expected) / runs.length / seconds, "1/s");
    row("delivered", sum((run) => run.delivered) / sum((run) => run.expected), "of sent");
    if (kind === "cursors")
      row(
        "of these overtaken by a later state",
        sum((run) => run.superseded) / sum((run) => run.delivered),
        "of sent",
      );
    row(`server CPU per 10,000 ${noun}`, cost.get(server)!, "s");
    for (const q of [0.5, 0.95, 0.99]) row(`to other screen p${q * 100}`, quantile(latenciesMs, q), "ms");
    row("server RSS", memory.get(server)!, "MB");
  }
  for (const server of outcomes.keys()) {
    if (server === "lamella") continue;
    rows.push(
      {
        case: `${name} CPU: lamella / ${server}`,
        value: cost.get("lamella")! / cost.get(server)!,
        unit: "x",
      },
      {
        case: `${name} RSS: lamella - ${server}`,
        value: memory.get("lamella")! - memory.get(server)!,
        unit: "MB",
      },
    );
  }
  return rows;
}

/** What one commit must wait for on this disk, in this run. */
function fdatasync(folder: string): BenchRow[] {
  const file = openSync(join(folder, "raw"), "w");
  const timesMs = Array.from({ length: 200 }, () => {
    const started = performance.now();
    writeSync(file, Buffer.alloc(512));
    fdatasyncSync(file);
    return performance.now() - started;
  }).sort((a, b) => a - b);
  closeSync(file);
  return [
    { case: "raw fdatasync p50", value: quantile(timesMs, 0.5), unit: "ms" },
    { case: "raw fdatasync p95", value: quantile(timesMs, 0.95), unit: "ms" },
  ];
}
