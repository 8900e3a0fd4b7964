import { randomUUID } from "node:crypto";
import { mkdtemp, open, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SourceImage } from "#core/formats/reader.ts";
import { derivedFileNames, deriveFrame } from "#server/ingest/derive-frame.ts";
import { writeDm } from "../fixtures/dm-writer.ts";
import { takenByFamily } from "../process-tree.ts";
import type { Bench, BenchRow } from "./bench.ts";
import { openBenchHouse, owner } from "./bench-house.ts";
import { noiseImage } from "./noise-image.ts";
import { cpuOf, findTool } from "./peer-tool.ts";

/** Side of the large image; LAMELLA_BENCH_SIDE=8192 for a quick look. */
const largeSide = Number(process.env["LAMELLA_BENCH_SIDE"] ?? 16_384);

/** From a finished upload to its first tile, and the cost of a pyramid beside libvips' of the same pixels. */
export const bench: Bench = {
  name: "ingest",
  async run() {
    const folder = await mkdtemp(join(tmpdir(), "lamella-bench-"));
    try {
      return [
        ...(await firstTile(folder, 4096)),
        ...(await pyramidCost(folder, largeSide, 8)),
        ...(await pyramidCost(folder, largeSide, 16)),
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function firstTile(folder: string, side: number): Promise<readonly BenchRow[]> {
  const path = join(folder, "upload.dm4");
  await writeFile(path, await dmFile(side));
  const house = await openBenchHouse(join(folder, "data"));
  const { sourceId } = await house.ingest.ingestFile(path, owner);
  const uploaded = performance.now();
  const before = takenByFamily();
  await house.ingest.settled(sourceId);
  const [micrograph] = await house.ingest.catalogue.listMicrographs(owner.projectId);
  const { derivation, tileType } = micrograph!.signals[0]!;
  const { width, height } = micrograph!;
  const at = { derivation: derivation!, width, height, tileType, frame: 0, level: 3, column: 0, row: 0 };
  if (!(await house.tiles.display(at))) throw new Error("the first tile is not there");
  const seconds = (performance.now() - uploaded) / 1000;
  const cpuS = takenByFamily().cpuS - before.cpuS;
  await house.close();
  return [
    { case: `DM4 of ${side}², 16 bits: upload finished → first tile (bar 2 s)`, value: seconds, unit: "s" },
    { case: `DM4 of ${side}², 16 bits: CPU`, value: cpuS, unit: "s" },
  ];
}

async function dmFile(side: number): Promise<Uint8Array> {
  const image = noiseImage(side);
  const data = new Uint16Array(side * side);
  for (let y = 0; y < side; y += 512) {
    const rows = Math.min(512, side - y);
    data.set((await image.readRegion(0, 0, y, side, rows)).data as Uint16Array, y * side);
  }
  const perPixel = { scale: 0.1, unit: "nm" };
  return writeDm(4, [
    { name: "noise", dimensions: [side, side], dataType: 10, data, calibrations: [perPixel, perPixel] },
  ]);
}

/** Best of two rounds on either side, by turns: what else the machine does meanwhile must not decide. */
const rounds = 2;

async function pyramidCost(folder: string, side: number, bits: 8 | 16): Promise<readonly BenchRow[]> {
  const image = noiseImage(side, side, bits);
  const own = await mkdtemp(join(folder, "own-"));
  const vips = findTool("vips");
  const picture = vips && (await vipsPicture(vips, folder, image));
  const before = process.memoryUsage.rss();
  let peak = before;
  const ours: { wall: number; cpu: number }[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(
      await cost(() =>
        deriveFrame(image, 0, undefined, own, () => {
          peak = Math.max(peak, process.memoryUsage.rss());
        }),
      ),
    );
    if (vips && picture) theirs.push(await cpuOf(vips, vipsPyramid(picture, folder, bits)));
  }
  const cpu = Math.min(...ours.map((o) => o.cpu));
  const nativeBytes = (await stat(join(own, derivedFileNames.native))).size;
  const displayBytes = (await stat(join(own, derivedFileNames.display))).size;
  const made = `${side}² ${bits}-bit noise: native and display pyramid`;
  const peer = bits === 8 ? "vips dzsave, JPEG 85 alone" : "vips tiffsave, Deflate 1 alone";
  const beside: BenchRow[] =
    theirs.length > 0
      ? [
          { case: `${side}² ${bits}-bit: ${peer}, CPU`, value: Math.min(...theirs), unit: "s" },
          { case: `${made}, beside it (bar 1.5)`, value: cpu / Math.min(...theirs), unit: "x" },
        ]
      : [{ case: `${peer}: not measured, install libvips-tools for it`, value: Number.NaN, unit: "x" }];
  await rm(own, { recursive: true });
  return [
    { case: `${made}, wall`, value: Math.min(...ours.map((o) => o.wall)), unit: "s" },
    { case: `${made}, CPU`, value: cpu, unit: "s" },
    ...beside,
    { case: `${made}, memory above the start`, value: (peak - before) / 2 ** 20, unit: "MiB" },
    {
      case: `${made}, native of raw 4/3`,
      value: nativeBytes / ((side * side * (bits / 8) * 4) / 3),
      unit: "x",
    },
    { case: `${made}, display tiles`, value: displayBytes / 1e6, unit: "MB" },
  ];
}

/** The same pixels as libvips maps them into memory: it pays for no decoding either. */
async function vipsPicture(vips: string, folder: string, image: SourceImage): Promise<string> {
  const [raw, picture] = [join(folder, "peer.raw"), join(folder, "peer.v")];
  const file = await open(raw, "w");
  for (let y = 0; y < image.height; y += 512) {
    const { data } = await image.readRegion(0, 0, y, image.width, Math.min(512, image.height - y));
    await file.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  await file.close();
  const format = image.sampleType === "uint16" ? "ushort" : "uchar";
  await cpuOf(vips, ["rawload", raw, picture, `${image.width}`, `${image.height}`, "1", "--format", format]);
  return picture;
}

function vipsPyramid(picture: string, folder: string, bits: 8 | 16): readonly string[] {
  const target = join(folder, `peer-${randomUUID()}`);
  if (bits === 8) {
    return ["dzsave", picture, target, "--tile-size", "512", "--overlap", "0", "--suffix", ".jpg[Q=85]"];
  }
  const tiled = ["--tile", "--pyramid", "--tile-width", "512", "--tile-height", "512", "--bigtiff"];
  const compression = ["--compression", "deflate", "--predictor", "none", "--level", "1"];
  return ["tiffsave", picture, `${target}.tif`, ...tiled, ...compression];
}

async function cost(work: () => Promise<unknown>): Promise<{ readonly wall: number; readonly cpu: number }> {
  const start = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
}
