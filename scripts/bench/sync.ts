import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDecoder, readVarUint, readVarUint8Array } from "lib0/decoding";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { awarenessMessage, syncMessage } from "#server/sync/messages.ts";
import type { Bench, BenchRow } from "./bench.ts";

/** Size of the load; smaller where the machine is shared. */
const clients = Number(process.env.LAMELLA_BENCH_CLIENTS ?? 50);
const seconds = Number(process.env.LAMELLA_BENCH_SECONDS ?? 6);
const editsPerS = 4;
const cursorsPerS = 20;
const room = "micrograph:benchmark:annotations";

/** The time a message was made rides in it: milliseconds, in text, so that a receiver needs no document. */
const stampLength = 16;
const stamp = () => performance.now().toFixed(3).padStart(stampLength, "0");
const marker = Buffer.from("sent@");

interface Load {
  readonly sockets: readonly WebSocket[];
  readonly docs: readonly Y.Doc[];
}

export const bench: Bench = {
  name: "sync",
  async run() {
    const dataDir = await mkdtemp(join(tmpdir(), "lamella-bench-"));
    const server = fork(join(import.meta.dirname, "sync-server.ts"), [dataDir]);
    try {
      const [{ port }] = (await once(server, "message")) as [{ port: number }];
      const load = await connect(`ws://127.0.0.1:${port}/sync/${room}`);
      const rows = [...(await edits(server, load)), ...(await cursors(server, load)), ...fdatasync(dataDir)];
      for (const socket of load.sockets) socket.terminate();
      return rows;
    } finally {
      server.kill("SIGKILL");
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};

async function connect(url: string): Promise<Load> {
  const sockets = await Promise.all(
    Array.from({ length: clients }, async (_, i) => {
      const socket = new WebSocket(`${url}?as=person-${i}`);
      await once(socket, "open");
      return socket;
    }),
  );
  const docs = sockets.map((socket, i) => {
    const doc = new Y.Doc();
    doc.on("update", (update: Uint8Array) => socket.send(syncMessage(2, update)));
    doc.transact(() => doc.getMap("annotations").set(`mark-${i}`, new Y.Map()));
    return doc;
  });
  return { sockets, docs };
}

/** W1: everybody moves a vertex of their mark, evenly spread; every edit goes to everybody else. */
async function edits(server: ChildProcess, { sockets, docs }: Load): Promise<BenchRow[]> {
  const latenciesMs: number[] = [];
  const listen = (data: Buffer) => {
    const at = data.indexOf(marker);
    if (at >= 0)
      latenciesMs.push(performance.now() - Number(data.toString("latin1", at + 5, at + 5 + stampLength)));
  };
  for (const socket of sockets) socket.on("message", listen);
  const before = await usage(server);
  const sent = await evenly(clients * editsPerS, (i) => {
    const mark = docs[i % clients]!.getMap("annotations").get(`mark-${i % clients}`) as Y.Map<unknown>;
    mark.set(`v${i % 20}`, `sent@${stamp()}`);
  });
  const expected = sent * (clients - 1);
  await until(() => latenciesMs.length >= expected);
  const after = await usage(server);
  for (const socket of sockets) socket.off("message", listen);
  latenciesMs.sort((a, b) => a - b);
  const cpuS = after.cpuS - before.cpuS;
  return [
    { case: `W1 ${clients} clients: edits sent`, value: sent / seconds, unit: "1/s" },
    { case: "W1 delivered", value: latenciesMs.length / expected, unit: "of expected" },
    { case: "W1 server CPU per 10,000 deliveries", value: (cpuS / latenciesMs.length) * 1e4, unit: "s" },
    { case: "W1 edit to other screen p50", value: quantile(latenciesMs, 0.5), unit: "ms" },
    { case: "W1 edit to other screen p95", value: quantile(latenciesMs, 0.95), unit: "ms" },
    { case: "W1 edit to other screen p99", value: quantile(latenciesMs, 0.99), unit: "ms" },
    { case: "W1 server RSS", value: after.rssMb, unit: "MB" },
  ];
}

/** W4: everybody's cursor moves at 20 Hz. A state that a later one of the same window replaced counts as superseded. */
async function cursors(server: ChildProcess, { sockets, docs }: Load): Promise<BenchRow[]> {
  let states = 0;
  const latenciesMs: number[] = [];
  const listeners = sockets.map((socket, i) => {
    const listen = (data: Buffer) => {
      if (data[0] !== 1) return;
      states += foreignStates(data, docs[i]!.clientID);
      const at = data.indexOf(marker);
      if (at >= 0)
        latenciesMs.push(performance.now() - Number(data.toString("latin1", at + 5, at + 5 + stampLength)));
    };
    socket.on("message", listen);
    return listen;
  });
  const before = await usage(server);
  const sent = await evenly(clients * cursorsPerS, (i) => {
    const entry = { clientId: docs[i % clients]!.clientID, clock: i + 1 };
    const state = JSON.stringify({ cursor: { x: i, y: i, frame: 0 }, sent: `sent@${stamp()}` });
    sockets[i % clients]!.send(awarenessMessage([{ ...entry, state }]));
  });
  // Latest wins, so there is no number to wait for: the last state of everybody is what must arrive.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const after = await usage(server);
  sockets.forEach((socket, i) => {
    socket.off("message", listeners[i]!);
  });
  latenciesMs.sort((a, b) => a - b);
  return [
    {
      case: `W4 ${clients} cursors: states to deliver`,
      value: (sent * (clients - 1)) / seconds,
      unit: "1/s",
    },
    { case: "W4 states delivered", value: states / (sent * (clients - 1)), unit: "of sent" },
    {
      case: "W4 server CPU per 10,000 states",
      value: ((after.cpuS - before.cpuS) / states) * 1e4,
      unit: "s",
    },
    { case: "W4 oldest state of a message p95", value: quantile(latenciesMs, 0.95), unit: "ms" },
  ];
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

function foreignStates(message: Buffer, own: number): number {
  const outer = createDecoder(message);
  readVarUint(outer);
  const decoder = createDecoder(readVarUint8Array(outer));
  let count = 0;
  for (let left = readVarUint(decoder); left > 0; left--) {
    if (readVarUint(decoder) !== own) count++;
    readVarUint(decoder);
    readVarUint8Array(decoder);
  }
  return count;
}

/** Call `act` so many times a second, catching up where the timer is late. @returns how often it was called */
async function evenly(perS: number, act: (i: number) => void): Promise<number> {
  const total = Math.round(perS * seconds);
  const started = performance.now();
  let done = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * perS));
      while (done < due) act(done++);
      if (done < total) return;
      clearInterval(timer);
      resolve();
    }, 2);
  });
  return total;
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function usage(server: ChildProcess): Promise<{ readonly cpuS: number; readonly rssMb: number }> {
  server.send("usage");
  const [answer] = await once(server, "message");
  return answer as { cpuS: number; rssMb: number };
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
