import { execFile } from "node:child_process";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DirectoryBlobStore } from "#server/storage/files/directory-blob-store.ts";
import { derivedKeys } from "#server/tiles/derived-keys.ts";
import { writePyramidTiff } from "../fixtures/pyramid-tiff-writer.ts";
import type { Bench, BenchRow } from "./bench.ts";
import type { IngestCost } from "./ingest-once.ts";
import { noiseImage } from "./noise-image.ts";

/** Side of the file that is read whole: 2 GiB of pixels; needs three times that on the disk of temporary files. */
const side = Number(process.env["LAMELLA_BENCH_BIG_SIDE"] ?? 32_768);
const pyramidSide = 100_000;

/** Files larger than memory likes, each in a process of its own: how far it grows, and what is written. */
export const bench: Bench = {
  name: "big",
  async run() {
    const folder = await mkdtemp(join(tmpdir(), "lamella-big-"));
    try {
      return [...(await pyramid(folder)), ...(await strips(folder))];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function pyramid(folder: string): Promise<readonly BenchRow[]> {
  const path = join(folder, "pyramid.tif");
  await writePyramidTiff(path, pyramidSide, pyramidSide);
  const what = `${pyramidSide}² 16-bit pyramidal TIFF`;
  return rowsOf(what, await ingestAlone(path, join(folder, "pyramid")), join(folder, "pyramid"));
}

async function strips(folder: string): Promise<readonly BenchRow[]> {
  const path = join(folder, "strips.tif");
  await writeStrips(path);
  const what = `${side}² 16-bit TIFF in strips`;
  const rows = rowsOf(what, await ingestAlone(path, join(folder, "strips")), join(folder, "strips"));
  return [...(await rows), { case: `${what}, file`, value: (await stat(path)).size / 1e6, unit: "MB" }];
}

async function rowsOf(what: string, cost: IngestCost, dataDir: string): Promise<readonly BenchRow[]> {
  const blobs = await DirectoryBlobStore.open(join(dataDir, "blobs"));
  const written =
    (await blobs.size(derivedKeys.native(cost.derivation, 0)))! +
    (await blobs.size(derivedKeys.display(cost.derivation, 0)))!;
  await blobs.close();
  return [
    { case: `${what}: until it is ready, with its SHA-256`, value: cost.seconds, unit: "s" },
    { case: `${what}: CPU`, value: cost.cpuS, unit: "s" },
    { case: `${what}: peak memory with its readers (bar 1024)`, value: cost.peakMiB, unit: "MiB" },
    { case: `${what}: written beside the original`, value: written / 1e6, unit: "MB" },
  ];
}

async function ingestAlone(path: string, dataDir: string): Promise<IngestCost> {
  const script = fileURLToPath(new URL("./ingest-once.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, path, dataDir]);
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as IngestCost;
}

/** Noise in strips of 512 rows, little-endian BigTIFF; written as it is made. */
async function writeStrips(path: string): Promise<void> {
  const image = noiseImage(side);
  const strips = Math.ceil(side / 512);
  const stripBytes = 512 * side * 2;
  const pixelsAt = 16;
  const file = await open(path, "w");
  for (let strip = 0; strip < strips; strip++) {
    const rows = Math.min(512, side - strip * 512);
    const { data } = await image.readRegion(0, 0, strip * 512, side, rows);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    await file.write(bytes, 0, bytes.length, pixelsAt + strip * stripBytes);
  }
  const tables = pixelsAt + side * side * 2;
  const directory = tables + strips * 16;
  const entries = [
    [256, 4, 1, side],
    [257, 4, 1, side],
    [258, 3, 1, 16],
    [259, 3, 1, 1],
    [262, 3, 1, 1],
    [273, 16, strips, tables],
    [277, 3, 1, 1],
    [278, 4, 1, 512],
    [279, 16, strips, tables + strips * 8],
  ] as const;
  const tail = new DataView(new ArrayBuffer(strips * 16 + 8 + entries.length * 20 + 8));
  for (let strip = 0; strip < strips; strip++) {
    tail.setBigUint64(strip * 8, BigInt(pixelsAt + strip * stripBytes), true);
    const rows = Math.min(512, side - strip * 512);
    tail.setBigUint64((strips + strip) * 8, BigInt(rows * side * 2), true);
  }
  tail.setBigUint64(strips * 16, BigInt(entries.length), true);
  entries.forEach(([tag, type, count, value], i) => {
    const at = strips * 16 + 8 + i * 20;
    tail.setUint16(at, tag, true);
    tail.setUint16(at + 2, type, true);
    tail.setBigUint64(at + 4, BigInt(count), true);
    tail.setBigUint64(at + 12, BigInt(value), true);
  });
  await file.write(new Uint8Array(tail.buffer), 0, tail.byteLength, tables);
  const header = new DataView(new ArrayBuffer(16));
  header.setUint32(0, 0x002b4949, true);
  header.setUint32(4, 8, true);
  header.setBigUint64(8, BigInt(directory), true);
  await file.write(new Uint8Array(header.buffer), 0, 16, 0);
  await file.close();
}
