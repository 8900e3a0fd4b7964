import { open } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { BlobStore } from "#server/storage/blob-store.ts";
import { createImageHandler } from "#server/tiles/iiif/image-handler.ts";
import { createTileStore } from "#server/tiles/tile-store.ts";
import { askFromOutside } from "./ask-from-outside.ts";
import type { BenchRow } from "./bench.ts";
import { startIipsrv } from "./iipsrv-peer.ts";
import { startNginx } from "./nginx-peer.ts";
import { noiseImage } from "./noise-image.ts";
import { cpuOf, findTool } from "./peer-tool.ts";

const requests = 600;
const warmUp = 200;
const micrographId = "benchmicrograph";
const megapixel = 2 ** 20;

/** Tiles that the server windows itself, a new window each time: no cache helps either side. */
export async function windowedTiles(
  folder: string,
  blobs: BlobStore,
  derivation: string,
  side: number,
): Promise<readonly BenchRow[]> {
  const cold = await ownTiles(blobs, derivation, side, 0);
  const own = await ownTiles(blobs, derivation, side);
  const rows: BenchRow[] = [
    { case: "16-bit tile of 512 px windowed here", value: own, unit: "ms CPU / Mpx" },
    { case: "the same, read and unpacked each time", value: cold, unit: "ms CPU / Mpx" },
  ];
  const [iipsrv, nginx, vips] = ["iipsrv.fcgi", "nginx", "vips"].map(findTool);
  if (!iipsrv || !nginx || !vips) {
    const missing = "iipsrv: not measured, install iipimage-server, nginx-light and libvips-tools for it";
    return [...rows, { case: missing, value: Number.NaN, unit: "ms CPU / Mpx" }];
  }
  for (const compression of ["none", "deflate"]) {
    const peer = await peerTiles({ iipsrv, nginx, vips }, folder, side, compression);
    const stored = compression === "none" ? "stored plain" : "stored as here, Deflate";
    rows.push(
      { case: `iipsrv, tile of 256 px, 16 bits ${stored}, windowed`, value: peer, unit: "ms CPU / Mpx" },
      { case: `windowed here beside iipsrv, ${stored} (bar 1)`, value: own / peer, unit: "x" },
    );
  }
  return rows;
}

async function ownTiles(
  blobs: BlobStore,
  derivation: string,
  side: number,
  cacheBytes?: number,
): Promise<number> {
  const tileScale = { scale: 1, offset: 0 };
  const window = { low: 2800, high: 3200 };
  const signal = { id: "0", tileType: "u16" as const, tileScale, derivation, window, invert: false };
  const access = { projectId: "p", width: side, height: side, frames: 1, signals: [signal] };
  const handle = createImageHandler({
    tiles: createTileStore(blobs, cacheBytes),
    pictureAccess: async () => access,
    paletteOf: async () => undefined,
    maySee: async () => true,
    requestFrame: async () => undefined,
    manifestFacts: async () => undefined,
    originOf: () => "http://localhost",
  });
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const paths = Array.from({ length: requests + warmUp }, (_, i) => {
    const [column, row] = [i % 8, (i >> 3) % 8];
    return `/iiif/3/${micrographId}/${column * 512},${row * 512},512,512/512,512/0/default.jpg?window=${2700 + i / 8},${3300 + i / 8}`;
  });
  await askFromOutside(port, paths.slice(0, warmUp), warmUp);
  const best = await bestOf(async () => {
    const before = process.cpuUsage();
    await askFromOutside(port, paths.slice(warmUp), requests);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / requests / (512 ** 2 / megapixel);
  });
  server.closeAllConnections();
  server.close();
  return best;
}

/** Of three rounds: what else the machine does meanwhile must not decide. */
async function bestOf(measure: () => Promise<number>): Promise<number> {
  const rounds = [];
  for (let round = 0; round < 3; round++) rounds.push(await measure());
  return Math.min(...rounds);
}

interface Programs {
  readonly iipsrv: string;
  readonly nginx: string;
  readonly vips: string;
}

/** CPU of iipsrv alone: nginx before it is not counted. */
async function peerTiles(
  { iipsrv, nginx, vips }: Programs,
  folder: string,
  side: number,
  compression: string,
): Promise<number> {
  const name = `windowed-${compression}.tif`;
  await writePyramid(vips, folder, side, compression, name);
  const peer = await startIipsrv(iipsrv, folder);
  const files = join(folder, "static");
  const front = await startNginx(nginx, folder, files, peer.port);
  try {
    const columns = side / 256;
    const finest = Math.log2(columns);
    const paths = Array.from(
      { length: requests + warmUp },
      (_, i) =>
        `/fcgi?FIF=${name}&MINMAX=1,${2700 + i / 8},${3300 + i / 8}&JTL=${finest},${(i * 37) % columns ** 2}`,
    );
    await askFromOutside(front.port, paths.slice(0, warmUp), warmUp);
    return await bestOf(async () => {
      const before = await peer.cpuS();
      await askFromOutside(front.port, paths.slice(warmUp), requests);
      return (((await peer.cpuS()) - before) * 1000) / requests / (256 ** 2 / megapixel);
    });
  } finally {
    await front.stop();
    await peer.stop();
  }
}

async function writePyramid(vips: string, folder: string, side: number, compression: string, name: string) {
  const image = noiseImage(side);
  const [raw, picture] = [join(folder, "windowed.raw"), join(folder, "windowed.v")];
  const file = await open(raw, "w");
  for (let y = 0; y < side; y += 512) {
    const { data } = await image.readRegion(0, 0, y, side, 512);
    await file.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  await file.close();
  await cpuOf(vips, ["rawload", raw, picture, `${side}`, `${side}`, "1", "--format", "ushort"]);
  const tiled = ["--tile", "--pyramid", "--tile-width", "256", "--tile-height", "256"];
  const packed = compression === "none" ? [] : ["--level", "1"];
  await cpuOf(vips, [
    "tiffsave",
    picture,
    join(folder, name),
    ...tiled,
    "--compression",
    compression,
    ...packed,
  ]);
}
