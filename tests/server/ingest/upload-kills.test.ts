import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createRandom } from "#core/random/generator.ts";
import { openHouse, owner, temporaryFolder, writePicture } from "./house.ts";

const kills = 20;
const [width, height] = [700, 600];
const tus = { "tus-resumable": "1.0.0" };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let child: ChildProcess | undefined;
let port = 0;

beforeEach(async () => void (folder = await temporaryFolder()));
afterEach(async () => {
  await kill();
  await folder.remove();
});

async function start(): Promise<void> {
  const script = fileURLToPath(new URL("./upload-server.ts", import.meta.url));
  // Twenty starts: what Node compiles once is kept for the next.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder.path, "compiled") };
  child = spawn(process.execPath, [script, folder.path], { stdio: ["ignore", "pipe", "inherit"], env });
  for await (const line of createInterface({ input: child.stdout! })) {
    port = Number(line);
    return;
  }
}

async function kill(): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

const call = (method: string, path: string, headers: Record<string, string>) =>
  fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { ...tus, ...headers } });
const offsetOf = async (path: string) => Number((await call("HEAD", path, {})).headers.get("upload-offset"));

/**
 * Sends from an offset and kills the server once about so many bytes have reached its disk, while more are on their way;
 * resolves when it is dead.
 */
async function sendAndKill(path: string, bytes: Uint8Array, from: number, count: number): Promise<void> {
  const outgoing = request({
    ...{ host: "127.0.0.1", port, path, method: "PATCH" },
    headers: {
      ...tus,
      "upload-offset": String(from),
      "content-type": "application/offset+octet-stream",
      "content-length": String(bytes.length - from),
    },
  });
  outgoing.on("error", () => undefined);
  const arriving = join(folder.path, "work/uploads", path.split("/").at(-1)!);
  const end = Math.min(bytes.length - 1, from + count + 40_000);
  for (let sent = from; sent < end; ) {
    const next = Math.min(end, sent + 1500);
    outgoing.write(bytes.subarray(sent, next));
    sent = next;
    // Looked at after every packet: the kill falls where the random number says, not where a buffer ends.
    if ((await stat(arriving)).size >= from + count) break;
  }
  while ((await stat(arriving)).size < from + count) await new Promise((go) => setImmediate(go));
  await kill();
  outgoing.destroy();
}

it(`R12 an upload goes on after ${kills} kills of the server at random bytes, and arrives exactly, once`, async () => {
  const random = createRandom(Number(process.env.SEED ?? 12));
  const data = Uint16Array.from({ length: width * height }, () => random() * 65_536);
  const bytes = await readFile(await writePicture(join(folder.path, "wire.tif"), data, width, height));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const metadata = Object.entries({ ...owner, filename: "wire.tif", sha256 })
    .map(([name, value]) => `${name} ${Buffer.from(value).toString("base64")}`)
    .join(",");
  await start();
  const created = await call("POST", "/api/v1/uploads", {
    "upload-length": String(bytes.length),
    "upload-metadata": metadata,
  });
  const path = created.headers.get("location")!;
  let offset = 0;
  for (let i = 0; i < kills; i++) {
    const left = bytes.length - offset;
    await sendAndKill(path, bytes, offset, Math.floor((random() * 1.8 * left) / (kills + 1 - i)));
    await start();
    const next = await offsetOf(path);
    // What was confirmed stays; nothing is counted that was not sent.
    expect(next, `after kill ${i + 1}`).toBeGreaterThanOrEqual(offset);
    expect(next).toBeLessThan(bytes.length);
    offset = next;
  }
  expect(offset, "the kills hit an upload under way").toBeGreaterThan(bytes.length / 3);
  const last = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: "PATCH",
    headers: { ...tus, "upload-offset": String(offset), "content-type": "application/offset+octet-stream" },
    body: Uint8Array.from(bytes.subarray(offset)),
  });
  expect(last.status).toBe(204);
  await kill();

  const house = await openHouse(folder.path);
  try {
    const sources = await house.ingest.catalogue.listSources(owner.projectId);
    expect(sources.map((source) => [source.fileName, source.bytes, source.sha256])).toEqual([
      ["wire.tif", bytes.length, sha256],
    ]);
    const kept = await house.blobs.read(`originals/${sha256}`, 0, bytes.length);
    expect(Buffer.compare(kept, bytes)).toBe(0);
    await house.ingest.start();
    expect(await house.ingest.settled(sources[0]!.id)).toBe("ready");
  } finally {
    await house.close();
  }
}, 300_000);
