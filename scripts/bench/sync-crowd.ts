import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDecoder, readVarString, readVarUint } from "lib0/decoding";
import { createEncoder, toUint8Array, writeVarString, writeVarUint } from "lib0/encoding";
import { WebSocket } from "ws";
import * as Y from "yjs";
import { messageTypes } from "#core/protocol/messages.ts";
import { protocolVersion } from "#core/protocol/version.ts";
import type { Bench, BenchRow } from "./bench.ts";
import { dialects } from "./sync-dialect.ts";
import { Arrivals, evenly, quantile, stamp } from "./sync-load.ts";

const people = 1_000;
const roomCount = 250;
/** Each draws something every five seconds, and moves the pointer for two seconds of every ten. */
const editsPerS = people / 5;
const cursorHz = 10;
const movingShare = 0.2;
const lookEveryMs = 5_000;

interface Person {
  readonly number: number;
  readonly room: string;
  readonly socket: WebSocket;
  readonly doc: Y.Doc;
  /** States sent so far. */
  pointed: number;
}

interface Look {
  readonly cpuS: number;
  readonly rssMb: number;
  readonly refusals: number;
  readonly cutReaders: number;
  readonly droppedAwareness: number;
  readonly commitP95Ms: number;
  /** What is reachable, right after a collection; told at the start and at the end only. */
  readonly liveMb: number;
}

/**
 * A thousand people, guests of one project with a session each, in the rooms of 250 micrographs of a whole server:
 * drawing and pointing for ten minutes, or `--minutes N`. Is anybody turned away, does memory stand still, how long does an
 * edit take to the other screens.
 */
export const bench: Bench = {
  name: "sync-crowd",
  async run(flags) {
    const at = flags.indexOf("--minutes");
    const seconds = 60 * (at < 0 ? 10 : Number(flags[at + 1]));
    const dataDir = await mkdtemp(join(tmpdir(), "lamella-crowd-"));
    const adminToken = "token-of-the-bench-0123456789abcdefghij";
    const script = join(import.meta.dirname, "crowd-server.ts");
    const server = fork(script, [dataDir, String(roomCount), adminToken], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      execArgv: ["--expose-gc"],
    });
    try {
      const [place] = (await once(server, "message")) as [
        { url: string; projectId: string; micrographs: string[] },
      ];
      const look = async (words: "look" | "look closely" = "look") => {
        const answered = once(server, "message");
        server.send(words);
        return (await answered)[0] as Look;
      };
      return await crowd(place, adminToken, look, seconds, dataDir);
    } finally {
      server.disconnect();
      await once(server, "exit");
      await rm(dataDir, { recursive: true, force: true });
    }
  },
};

async function crowd(
  place: { readonly url: string; readonly projectId: string; readonly micrographs: readonly string[] },
  adminToken: string,
  look: (words?: "look closely") => Promise<Look>,
  seconds: number,
  dataDir: string,
): Promise<BenchRow[]> {
  const edits = new Arrivals("edits");
  const cursors = new Arrivals("cursors");
  const trouble = { refused: 0, closed: 0 };
  const startedMs = performance.now();
  const invitation = await invite(place.url, place.projectId, adminToken);
  const everybody: Person[] = [];
  for (let i = 0; i < people; i += 50) {
    const few = Array.from({ length: 50 }, (_, k) => i + k);
    everybody.push(...(await Promise.all(few.map((n) => enter(place, invitation, n)))));
  }
  const enteredS = (performance.now() - startedMs) / 1000;
  for (const { number, socket } of everybody) {
    socket.on("close", () => trouble.closed++);
    socket.on("message", (data: Buffer) => {
      if (data[0] === messageTypes.refused) trouble.refused++;
      (data[0] === messageTypes.awareness ? cursors : edits).take(number, data);
    });
  }

  const looks: Look[] = [await look("look closely")];
  const disk: number[] = [];
  const watching = setInterval(() => {
    void look().then((now) => looks.push(now));
    void timeFdatasync(dataDir).then((ms) => disk.push(ms));
  }, lookEveryMs);
  const [edited, pointed] = await Promise.all([
    evenly(editsPerS, seconds, (i) => edit(everybody, i)),
    evenly(people * cursorHz * movingShare, seconds, (i) => point(everybody, i)),
  ]);
  clearInterval(watching);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  looks.push(await look("look closely"));
  const others = people / roomCount - 1;
  const rows = describe(
    looks,
    edits,
    cursors,
    {
      edits: edited * others,
      cursors: pointed * others,
      seconds,
    },
    disk,
  );
  const closed = trouble.closed;
  for (const { socket } of everybody) socket.terminate();
  return [
    { case: "people", value: people, unit: "" },
    { case: "all are in after", value: enteredS, unit: "s" },
    { case: "edits sent", value: edited / seconds, unit: "1/s" },
    { case: "cursor states sent", value: pointed / seconds, unit: "1/s" },
    { case: "sockets refused", value: trouble.refused, unit: "" },
    { case: "sockets closed", value: closed, unit: "" },
    ...rows,
  ];
}

function describe(
  looks: readonly Look[],
  edits: Arrivals,
  cursors: Arrivals,
  sent: { readonly edits: number; readonly cursors: number; readonly seconds: number },
  disk: number[],
): BenchRow[] {
  const [first, last] = [looks[0]!, looks.at(-1)!];
  const [early, late] = [looks.slice(0, looks.length / 2), looks.slice(looks.length / 2)];
  disk.sort((a, b) => a - b);
  const rows: BenchRow[] = [
    { case: "refusals counted by the server", value: last.refusals, unit: "" },
    { case: "readers cut", value: last.cutReaders, unit: "" },
    { case: "edits delivered", value: edits.delivered / sent.edits, unit: "of sent" },
    { case: "cursor states delivered", value: cursors.delivered / sent.cursors, unit: "of sent" },
  ];
  for (const [what, arrivals] of [["edit", edits] as const, ["cursor", cursors] as const]) {
    const sorted = arrivals.latenciesMs.sort((a, b) => a - b);
    for (const q of [0.5, 0.95, 0.99])
      rows.push({ case: `${what} to other screen p${q * 100}`, value: quantile(sorted, q), unit: "ms" });
  }
  const minute = Math.round(60_000 / lookEveryMs);
  for (let i = 0; i < looks.length; i += minute)
    rows.push({ case: `RSS after ${i / minute} min`, value: looks[i]!.rssMb, unit: "MB" });
  rows.push(
    { case: "RSS at the end", value: last.rssMb, unit: "MB" },
    {
      case: "highest RSS in the first half",
      value: Math.max(...early.map(({ rssMb }) => rssMb)),
      unit: "MB",
    },
    {
      case: "highest RSS in the second half",
      value: Math.max(...late.map(({ rssMb }) => rssMb)),
      unit: "MB",
    },
    { case: "RSS growth over the second half", value: slope(late.map(({ rssMb }) => rssMb)), unit: "MB/min" },
    { case: "heap after a collection, at the start", value: first.liveMb, unit: "MB" },
    { case: "heap after a collection, at the end", value: last.liveMb, unit: "MB" },
    { case: "commit on disk p95 (upper bound of its bucket)", value: last.commitP95Ms, unit: "ms" },
    { case: "raw fdatasync p50 meanwhile", value: quantile(disk, 0.5), unit: "ms" },
    { case: "raw fdatasync p95 meanwhile", value: quantile(disk, 0.95), unit: "ms" },
    { case: "server CPU", value: ((last.cpuS - first.cpuS) / sent.seconds) * 100, unit: "% of a core" },
  );
  return rows;
}

/** What one commit has to wait for at least, on the same disk. */
async function timeFdatasync(folder: string): Promise<number> {
  const file = await open(join(folder, "raw"), "a");
  try {
    const startedMs = performance.now();
    await file.write(Buffer.alloc(512));
    await file.datasync();
    return performance.now() - startedMs;
  } finally {
    await file.close();
  }
}

/** Least squares, looks to minutes. */
function slope(values: readonly number[]): number {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const centre = (n - 1) / 2;
  const rise = values.reduce((sum, value, i) => sum + (i - centre) * (value - mean), 0);
  const run = values.reduce((sum, _, i) => sum + (i - centre) ** 2, 0);
  return (rise / run) * (60_000 / lookEveryMs);
}

async function invite(url: string, projectId: string, adminToken: string): Promise<string> {
  const answer = await fetch(`${url}/api/v1/projects/${projectId}/invitations`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    body: JSON.stringify({ role: "annotator", waitingRoom: false }),
  });
  if (!answer.ok) throw new Error(`No invitation: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { url: string }).url.split("/").at(-1)!;
}

/** A guest's session, and their socket in the room of their micrograph, greeted as a browser's page greets it. */
async function enter(
  { url, micrographs }: { readonly url: string; readonly micrographs: readonly string[] },
  invitation: string,
  number: number,
): Promise<Person> {
  const accepted = await fetch(`${url}/api/v1/invitations/${invitation}/accept`, {
    method: "POST",
    headers: { "x-lamella": "1", "content-type": "application/json" },
    body: JSON.stringify({ name: `Person ${number}` }),
  });
  const cookie = accepted.headers.getSetCookie()[0]?.split(";")[0];
  if (!cookie) throw new Error(`Not let in: ${accepted.status} ${await accepted.text()}`);
  const room = `micrograph:${micrographs[number % roomCount]}:annotations`;
  const socket = new WebSocket(`${url.replace("http", "ws")}/sync/${room}`, {
    headers: { cookie },
    perMessageDeflate: false,
  });
  await once(socket, "open");
  const doc = new Y.Doc();
  const admitted = new Promise<void>((resolve, reject) => {
    socket.on("close", (code, reason) => reject(new Error(`closed with ${code}: ${reason}`)));
    socket.on("message", (data: Buffer) => {
      const decoder = createDecoder(data);
      if (readVarUint(decoder) !== messageTypes.hello) return;
      const { mayWrite } = JSON.parse(readVarString(decoder)) as { mayWrite: boolean };
      if (mayWrite) resolve();
      else reject(new Error("may not write"));
    });
  });
  const hello = createEncoder();
  writeVarUint(hello, messageTypes.hello);
  writeVarString(hello, JSON.stringify({ protocolVersion, clientId: doc.clientID, epoch: null }));
  socket.send(toUint8Array(hello));
  await admitted;
  doc.on("update", (update: Uint8Array) => socket.send(dialects.lamella.update(room, update)));
  doc.transact(() => doc.getMap("a").set(`mark-${number}`, new Y.Map()));
  return { number, room, socket, doc, pointed: 0 };
}

/** One vertex of one's own mark moves. */
function edit(everybody: readonly Person[], i: number): void {
  const { number, doc } = everybody[i % people]!;
  const turn = Math.floor(i / people);
  (doc.getMap("a").get(`mark-${number}`) as Y.Map<unknown>).set(`v${turn % 20}`, stamp(number, turn));
}

/** A fifth of the people move at a time, for two seconds; then the next fifth. */
function point(everybody: readonly Person[], i: number): void {
  const moving = people * movingShare;
  const turn = Math.floor(i / (moving * cursorHz * 2));
  const person = everybody[((turn * moving) % people) + (i % moving)]!;
  const { number, room, socket, doc } = person;
  const sent = stamp(number, person.pointed++);
  const state = JSON.stringify({ cursor: { x: i % 300, y: i % 200, frame: 0 }, sent });
  socket.send(dialects.lamella.presence(room, { clientId: doc.clientID, clock: i + 1, state }));
}
