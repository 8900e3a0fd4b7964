import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { derivedFileNames, deriveFrame } from "#server/ingest/derive-frame.ts";
import { createIngest } from "#server/ingest/ingest.ts";
import { micrographMigrations } from "#server/ingest/micrograph-catalogue.ts";
import { jobMigrations } from "#server/jobs/job-table.ts";
import { openEmbeddedStore } from "#server/storage/embedded/embedded-store.ts";
import { inOrder } from "#server/storage/embedded/migrations.ts";
import { DirectoryBlobStore } from "#server/storage/files/directory-blob-store.ts";
import { createTileStore } from "#server/tiles/tile-store.ts";
import type { Bench, BenchRow } from "./bench.ts";
import { noiseImage } from "./noise-image.ts";

/** Side of the large image; LAMELLA_BENCH_SIDE=16384 is the full size. */
const largeSide = Number(process.env["LAMELLA_BENCH_SIDE"] ?? 8192);

/** From a finished upload to its first tile, and the cost of a pyramid beside sharp's own of the same pixels. */
export const bench: Bench = {
  name: "ingest",
  async run() {
    const folder = await mkdtemp(join(tmpdir(), "lamella-bench-"));
    try {
      return [...(await firstTile(folder, 4096)), ...(await pyramidCost(folder, largeSide))];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function firstTile(folder: string, side: number): Promise<readonly BenchRow[]> {
  const { data } = await wholeRaster(side);
  const path = join(folder, "upload.tif");
  const picture = sharp(data, { raw: { width: side, height: side, channels: 1 } }).toColourspace("grey16");
  await writeFile(path, await picture.tiff({ compression: "none" }).toBuffer());

  const dataDir = join(folder, "data");
  const migrations = [inOrder("jobs", jobMigrations), inOrder("micrographs", micrographMigrations)];
  const store = await openEmbeddedStore({ dataDir, migrations });
  const blobs = await DirectoryBlobStore.open(join(dataDir, "blobs"));
  const ingest = createIngest({ sql: store.sql, blobs, workFolder: join(dataDir, "work") });
  const tiles = createTileStore(blobs);
  await ingest.start();
  const { sourceId } = await ingest.ingestFile(path, { projectId: "benchproject", principalId: "bencher1" });
  const uploaded = performance.now();
  const cpu = process.cpuUsage();
  await ingest.settled(sourceId);
  const [micrograph] = await ingest.catalogue.listMicrographs("benchproject");
  const signal = micrograph!.signals[0]!;
  const { width, height } = micrograph!;
  const at = {
    derivation: signal.derivation!,
    width,
    height,
    tileType: signal.tileType,
    frame: 0,
    column: 0,
    row: 0,
  };
  if (!(await tiles.display({ ...at, level: 3 }))) throw new Error("the first tile is not there");
  const seconds = (performance.now() - uploaded) / 1000;
  const used = process.cpuUsage(cpu);
  await ingest.close();
  await store.close();
  return [
    { case: `${side}² 16-bit TIFF: upload finished → first tile (bar 2 s)`, value: seconds, unit: "s" },
    { case: `${side}² 16-bit TIFF: CPU`, value: (used.user + used.system) / 1e6, unit: "s" },
  ];
}

async function pyramidCost(folder: string, side: number): Promise<readonly BenchRow[]> {
  const own = await mkdtemp(join(folder, "own-"));
  const image = noiseImage(side);
  const before = process.memoryUsage.rss();
  let peak = before;
  const ours = await cost(() =>
    deriveFrame(image, 0, undefined, own, () => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }),
  );
  const nativeBytes = (await stat(join(own, derivedFileNames.native))).size;
  const displayBytes = (await stat(join(own, derivedFileNames.display))).size;

  // The peer gets the 8-bit pixels ready-made: no survey, no native pyramid.
  const grey = Uint8Array.from((await wholeRaster(Math.min(side, 8192))).data, (v) =>
    Math.min(255, (v - 2800) / 1.6),
  );
  const peerSide = Math.min(side, 8192);
  const peer = await cost(() =>
    sharp(grey, { raw: { width: peerSide, height: peerSide, channels: 1 }, limitInputPixels: false })
      .jpeg({ quality: 85 })
      .tile({ size: 512, overlap: 0 })
      .toFile(join(own, "peer.dz")),
  );
  const gigapixels = (n: number) => (n * n) / 1e9;
  const perGigapixel = ours.cpu / gigapixels(side);
  const peerPerGigapixel = peer.cpu / gigapixels(peerSide);
  return [
    { case: `${side}² 16-bit noise: native and display pyramid, wall`, value: ours.wall, unit: "s" },
    { case: "the same, CPU", value: ours.cpu, unit: "s" },
    { case: "the same, CPU a gigapixel", value: perGigapixel, unit: "s/Gpx" },
    { case: `sharp .tile(), display only, ${peerSide}²`, value: peerPerGigapixel, unit: "s/Gpx" },
    {
      case: "native and display beside sharp's display only",
      value: perGigapixel / peerPerGigapixel,
      unit: "x",
    },
    { case: "memory above the start", value: (peak - before) / 2 ** 20, unit: "MiB" },
    { case: "native pyramid, of raw 4/3", value: nativeBytes / ((side * side * 2 * 4) / 3), unit: "x" },
    { case: "display tiles", value: displayBytes / 1e6, unit: "MB" },
  ];
}

async function wholeRaster(side: number): Promise<{ readonly data: Uint16Array }> {
  const image = noiseImage(side);
  const data = new Uint16Array(side * side);
  for (let y = 0; y < side; y += 512) {
    const rows = Math.min(512, side - y);
    data.set((await image.readRegion(0, 0, y, side, rows)).data as Uint16Array, y * side);
  }
  return { data };
}

async function cost(work: () => Promise<unknown>): Promise<{ readonly wall: number; readonly cpu: number }> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
}
