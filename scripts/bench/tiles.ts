import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";
import { formatTilePath, type TileAddress } from "#core/protocol/tile-address.ts";
import { derivedFileNames, deriveFrame } from "#server/ingest/derive-frame.ts";
import { DirectoryBlobStore } from "#server/storage/files/directory-blob-store.ts";
import { derivationOf, derivedKeys } from "#server/tiles/derived-keys.ts";
import { createTileHandler } from "#server/tiles/handler.ts";
import { createTileStore } from "#server/tiles/tile-store.ts";
import { askFromOutside } from "./ask-from-outside.ts";
import type { Bench, BenchRow } from "./bench.ts";
import { startNginx } from "./nginx-peer.ts";
import { noiseImage } from "./noise-image.ts";
import { findTool } from "./peer-tool.ts";
import { windowedTiles } from "./windowed-tiles.ts";

const side = 4096;
const requests = 4000;
const micrographId = "benchmicrograph";
const derivation = derivationOf("0".repeat(64), 0);

/** CPU a tile in the server's process, requests coming from another one; express.static on the same bytes beside it. */
export const bench: Bench = {
  name: "tiles",
  async run() {
    const folder = await mkdtemp(join(tmpdir(), "lamella-bench-"));
    try {
      return await measure(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function measure(folder: string): Promise<readonly BenchRow[]> {
  const blobs = await DirectoryBlobStore.open(join(folder, "blobs"));
  const work = join(folder, "work");
  await mkdir(work);
  await deriveFrame(noiseImage(side), 0, undefined, work, () => undefined);
  await blobs.adopt(derivedKeys.native(derivation, 0), join(work, derivedFileNames.native));
  await blobs.adopt(derivedKeys.display(derivation, 0), join(work, derivedFileNames.display));

  const access = {
    projectId: "p",
    width: side,
    height: side,
    frames: 1,
    signals: [{ id: "0", tileType: "u16" as const, derivation }],
  };
  const listener = (cacheBytes: number): RequestListener => {
    const handler = createTileHandler({
      tiles: createTileStore(blobs, cacheBytes),
      tileAccess: async () => access,
      maySee: () => true,
    });
    return (request, response) => void handler(request, response);
  };
  const address = (i: number, form: TileAddress["form"]) => {
    const tile = {
      micrographId,
      derivation,
      signal: "0",
      frame: 0,
      level: 0,
      column: i % 8,
      row: (i >> 3) % 8,
      form,
    };
    return formatTilePath(tile);
  };
  const paths = (form: TileAddress["form"]) => Array.from({ length: 64 }, (_, i) => address(i, form));

  const files = join(folder, "static");
  await mkdir(files);
  const store = createTileStore(blobs);
  const picture = { derivation, width: side, height: side, tileType: "u16", frame: 0, level: 0 } as const;
  for (let i = 0; i < 64; i++) {
    await writeFile(
      join(files, `${i}.jpg`),
      (await store.display({ ...picture, column: i % 8, row: i >> 3 }))!,
    );
  }
  const names = Array.from({ length: 64 }, (_, i) => `/${i}.jpg`);
  const peer = await serve(express().use(express.static(files)), names);
  const nginx = await serveByNginx(folder, files, names);
  const display = await serve(listener(256 * 2 ** 20), paths("display"));
  const displayFromDisk = await serve(listener(0), paths("display"));
  const native = await serve(listener(256 * 2 ** 20), paths("native"));
  return [
    { case: "display tile, from memory", value: display, unit: "ms CPU" },
    { case: "display tile, from disk", value: displayFromDisk, unit: "ms CPU" },
    { case: "native 16-bit tile as stored, from memory", value: native, unit: "ms CPU" },
    { case: "express.static, the same JPEGs", value: peer, unit: "ms CPU" },
    { case: "display from memory beside express.static", value: display / peer, unit: "x" },
    ...(nginx === undefined
      ? [{ case: "nginx: not measured, install nginx-light for it", value: Number.NaN, unit: "ms CPU" }]
      : [
          { case: "nginx static, the same JPEGs", value: nginx, unit: "ms CPU" },
          { case: "display from memory beside nginx (bar 3)", value: display / nginx, unit: "x" },
        ]),
    ...(await windowedTiles(folder, blobs, derivation, side)),
  ];
}

/** CPU ms of nginx for one request; undefined where it is not installed. */
async function serveByNginx(
  folder: string,
  files: string,
  paths: readonly string[],
): Promise<number | undefined> {
  const program = findTool("nginx");
  if (!program) return undefined;
  const nginx = await startNginx(program, folder, files);
  try {
    await askFromOutside(nginx.port, paths, 500);
    const before = await nginx.cpuS();
    await askFromOutside(nginx.port, paths, requests);
    return ((await nginx.cpuS()) - before) * (1000 / requests);
  } finally {
    await nginx.stop();
  }
}

/** CPU ms of this process for one request, after a warm-up. */
async function serve(listener: RequestListener, paths: readonly string[]): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await askFromOutside(port, paths, 500);
  const before = process.cpuUsage();
  await askFromOutside(port, paths, requests);
  const { user, system } = process.cpuUsage(before);
  server.closeAllConnections();
  server.close();
  return (user + system) / 1000 / requests;
}
