import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { WebSocket } from "ws";
import * as Y from "yjs";
import type { Dialect } from "./sync-dialect.ts";

/** What one workload cost and how fast it was. */
export interface Outcome {
  readonly sent: number;
  readonly expected: number;
  readonly delivered: number;
  /** Of these, cursor states left out because a later one of the same cursor took their place. */
  readonly superseded: number;
  readonly cpuS: number;
  readonly rssMb: number;
  readonly latenciesMs: readonly number[];
}

export interface Target {
  readonly server: ChildProcess;
  readonly port: number;
  readonly dialect: Dialect;
}

/**
 * What is sent bears its time, its sender and its number there as text: a receiver needs no document, and what a server
 * merges counts each.
 */
const marker = Buffer.from("sent@");
const [timeLength, senderLength, numberLength] = [16, 5, 7];
export const stamp = (sender: number, number: number) =>
  `sent@${performance.now().toFixed(3).padStart(timeLength, "0")}${String(sender).padStart(senderLength, "0")}${String(number).padStart(numberLength, "0")}`;

/** What has arrived at all clients. */
export class Arrivals {
  latenciesMs: number[] = [];
  /** Acts the receivers know of: of a cursor the last state tells where it is, whatever was left out before it. */
  delivered = 0;
  superseded = 0;
  readonly #kind: Workload["kind"];
  /** By receiver and sender, the number of the last state that arrived. */
  readonly #last = new Map<number, number>();

  constructor(kind: Workload["kind"]) {
    this.#kind = kind;
  }

  take(receiver: number, data: Buffer): void {
    const nowMs = performance.now();
    for (let at = data.indexOf(marker); at >= 0; at = data.indexOf(marker, at + 1)) {
      const time = at + marker.length;
      const from = time + timeLength;
      const sender = Number(data.toString("latin1", from, from + senderLength));
      if (sender === receiver) continue;
      const number = Number(data.toString("latin1", from + senderLength, from + senderLength + numberLength));
      const covered = this.#kind === "edits" ? 1 : this.#advance(receiver * 1e5 + sender, number);
      if (covered === 0) continue;
      this.delivered += covered;
      this.superseded += covered - 1;
      this.latenciesMs.push(nowMs - Number(data.toString("latin1", time, from)));
    }
  }

  startCounting(): void {
    this.latenciesMs = [];
    this.delivered = this.superseded = 0;
  }

  #advance(pair: number, number: number): number {
    const before = this.#last.get(pair) ?? -1;
    if (number > before) this.#last.set(pair, number);
    return Math.max(0, number - before);
  }
}

interface Client {
  readonly socket: WebSocket;
  readonly doc: Y.Doc;
  readonly room: string;
}

export interface Workload {
  readonly rooms: number;
  readonly clientsPerRoom: number;
  /** Acts of each client in a second. */
  readonly perS: number;
  readonly seconds: number;
  /** The same load before that, uncounted: by then a server's code is compiled. */
  readonly warmUpSeconds: number;
  readonly kind: "edits" | "cursors";
}

/** Put a load on a server, spread evenly, and count what arrives. */
export async function putLoad(target: Target, load: Workload): Promise<Outcome> {
  const clients = await connectAll(target, load);
  const arrivals = new Arrivals(load.kind);
  clients.forEach(({ socket }, own) => {
    socket.on("message", (data: Buffer) => arrivals.take(own, data));
  });
  const act = load.kind === "edits" ? edit : point;
  const perS = clients.length * load.perS;
  // What joining and compiling cost is not what the load costs.
  const warmedUp = await evenly(perS, load.warmUpSeconds, (i) => act(target.dialect, clients, i));
  await settle(() => arrivals.delivered, 300);
  arrivals.startCounting();
  const before = await usage(target.server);
  const sent = await evenly(perS, load.seconds, (i) => act(target.dialect, clients, warmedUp + i));
  await settle(() => arrivals.delivered, 500);
  const after = await usage(target.server);
  for (const { socket } of clients) socket.terminate();
  const { delivered, superseded, latenciesMs } = arrivals;
  latenciesMs.sort((a, b) => a - b);
  return {
    ...{ sent, expected: sent * (load.clientsPerRoom - 1), delivered, superseded, latenciesMs },
    ...{ cpuS: after.cpuS - before.cpuS, rssMb: after.rssMb },
  };
}

async function connectAll({ port, dialect }: Target, load: Workload): Promise<Client[]> {
  const clients: Client[] = [];
  const total = load.rooms * load.clientsPerRoom;
  const atOnce = 50;
  for (let start = 0; start < total; start += atOnce) {
    const few = Array.from({ length: Math.min(atOnce, total - start) }, async (_, k) => {
      const i = start + k;
      const room = `micrograph:bench${String(i % load.rooms).padStart(5, "0")}:annotations`;
      const socket = await dialect.connect(port, room, `person-${i % 40}`);
      const doc = new Y.Doc();
      doc.on("update", (update: Uint8Array) => socket.send(dialect.update(room, update)));
      doc.transact(() => doc.getMap("a").set(`mark-${i}`, new Y.Map()));
      return { socket, doc, room };
    });
    clients.push(...(await Promise.all(few)));
  }
  return clients;
}

/** One vertex of one's own mark moves. */
function edit(_dialect: Dialect, clients: readonly Client[], i: number): void {
  const at = i % clients.length;
  const mark = clients[at]!.doc.getMap("a").get(`mark-${at}`) as Y.Map<unknown>;
  mark.set(`v${Math.floor(i / clients.length) % 20}`, stamp(at, Math.floor(i / clients.length)));
}

function point(dialect: Dialect, clients: readonly Client[], i: number): void {
  const at = i % clients.length;
  const { socket, doc, room } = clients[at]!;
  const state = JSON.stringify({
    cursor: { x: i, y: i, frame: 0 },
    sent: stamp(at, Math.floor(i / clients.length)),
  });
  socket.send(dialect.presence(room, { clientId: doc.clientID, clock: i + 1, state }));
}

/** Call `act` so many times a second, catching up where the timer is late. @returns how often it was called */
export async function evenly(perS: number, seconds: number, act: (i: number) => void): Promise<number> {
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

/** Until `count` has stood still for so long. */
async function settle(count: () => number, stillMs: number): Promise<void> {
  for (let last = -1; last !== count(); ) {
    last = count();
    await new Promise((resolve) => setTimeout(resolve, stillMs));
  }
}

export async function usage(
  server: ChildProcess,
): Promise<{ readonly cpuS: number; readonly rssMb: number }> {
  const answered = once(server, "message");
  server.send("usage");
  return (await answered)[0] as { cpuS: number; rssMb: number };
}

export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
