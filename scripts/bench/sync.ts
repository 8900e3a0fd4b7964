import { fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench, BenchRow } from "./bench.ts";
import { dialects } from "./sync-dialect.ts";
import { makeDocuments } from "./sync-documents.ts";
import { type Outcome, putLoad, quantile, type Target, type Workload } from "./sync-load.ts";
import { medianOf, type Opening, openInTurns, type Place, place } from "./sync-open.ts";
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
function openEverywhere(
  scripts: Partial<Record<ServerName, string>>,
  dataDir: string,
): Promise<readonly BenchRow[]> {
  const marks = setting("MARKS", 10_000);
  const { ours, usual } = makeDocuments(marks);
  const places: Place[] = [];
  const begin = async ([next, ...others]: [ServerName, string][]): Promise<readonly BenchRow[]> => {
    if (!next) return describeOpenings(marks, places, await openInTurns(places, setting("OPENINGS", 9)));
    const [server, script] = next;
    return onServer(server, script, join(dataDir, "W3"), async (at) => {
      for (const document of server === "lamella" ? [ours] : [ours, usual])
        places.push(await place(server, at, document));
      return begin(others);
    });
  };
  return begin(Object.entries(scripts) as [ServerName, string][]);
}

function describeOpenings(
  marks: number,
  places: readonly Place[],
  openings: readonly (readonly Opening[])[],
): BenchRow[] {
  const own = openings[0]!;
  return places.flatMap(({ name }, i) => {
    const runs = openings[i]!;
    const layout = places[i - 1]?.name === name ? "a Y.Map a mark" : "same document";
    const of = name === "lamella" ? name : `${name}, ${layout}`;
    const row = (what: string, value: number, unit: string): BenchRow => ({
      case: `W3 ${of}: ${what}`,
      value,
      unit,
    });
    const rows = [
      row(`opening ${marks} marks, on the wire`, medianOf(runs, ({ wireBytes }) => wireBytes) / 1e6, "MB"),
      row(
        "until it has arrived",
        medianOf(runs, ({ arrivedMs }) => arrivedMs),
        "ms",
      ),
      row(
        "until it is a document",
        medianOf(runs, ({ ms }) => ms),
        "ms",
      ),
      row(
        "client CPU",
        medianOf(runs, ({ clientCpuMs }) => clientCpuMs),
        "ms",
      ),
      row(
        "server CPU",
        medianOf(runs, ({ serverCpuMs }) => serverCpuMs),
        "ms",
      ),
    ];
    if (name === "lamella") return rows;
    const cpuOf = ({ clientCpuMs, serverCpuMs }: Opening) => clientCpuMs + serverCpuMs;
    const pairs = runs.map((run, round) => ({ run, ours: own[round]! }));
    return [
      ...rows,
      row(
        "lamella's time / its, in the same round",
        medianOf(pairs, ({ run, ours }) => ours.ms / run.ms),
        "x",
      ),
      row(
        "lamella's CPU / its, both ends",
        medianOf(pairs, ({ run, ours }) => cpuOf(ours) / cpuOf(run)),
        "x",
      ),
    ];
  });
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
