import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatTilePath, type TileAddress } from "#core/protocol/tile-address.ts";
import { derivedFileNames, deriveFrame } from "#server/ingest/derive-frame.ts";
import { DirectoryBlobStore } from "#server/storage/files/directory-blob-store.ts";
import { deepZoomDescriptor, deepZoomMaxLevel, deepZoomTile } from "#server/tiles/deep-zoom.ts";
import { derivationOf, derivedKeys } from "#server/tiles/derived-keys.ts";
import { createTileHandler } from "#server/tiles/handler.ts";
import { createTileStore, type TileStore } from "#server/tiles/tile-store.ts";
import { phantomImage } from "../ingest/phantom-image.ts";

const [width, height] = [1100, 700];
const phantom = phantomImage("uint16", width, height, { frames: 3 });
const derivation = derivationOf("a".repeat(64), 0);
const micrographId = "micrograph01";
let root: string;
let server: Server;
let tiles: TileStore;
let port: number;
let asked: string[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "lamella-tiles-"));
  const blobs = await DirectoryBlobStore.open(join(root, "blobs"));
  const folder = join(root, "work");
  await mkdir(folder);
  await deriveFrame(phantom.image, 0, undefined, folder, () => undefined);
  await blobs.adopt(derivedKeys.native(derivation, 0), join(folder, derivedFileNames.native));
  await blobs.adopt(derivedKeys.display(derivation, 0), join(folder, derivedFileNames.display));
  tiles = createTileStore(blobs, 8 * 2 ** 20);
  asked = [];
  const handler = createTileHandler({
    tiles,
    tileAccess: async (id) =>
      id === micrographId
        ? {
            projectId: "project1",
            width,
            height,
            frames: 3,
            signals: [{ id: "0", tileType: "u16", derivation }],
          }
        : undefined,
    maySee: (request, projectId) => projectId === "project1" && request.headers.cookie === "member",
    requestFrame: async (id, signal, frame) => void asked.push(`${id} ${signal} ${frame}`),
  });
  server = createServer(async (request, response) => {
    if (!(await handler(request, response))) response.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.close();
  await rm(root, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function ask(
  path: string,
  headers: Record<string, string> = { cookie: "member" },
  method = "GET",
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.on("error", reject);
    request.end();
  });
}

const tile = (changes: Partial<TileAddress> = {}) =>
  formatTilePath({
    micrographId,
    derivation,
    signal: "0",
    frame: 0,
    level: 0,
    column: 0,
    row: 0,
    form: "native",
    ...changes,
  });

const samplesOf = (bytes: Buffer) => new Uint16Array(Uint8Array.from(bytes).buffer);

describe("tile handler", () => {
  it("serves every native tile exactly, clipped at the edges, for ever and privately", async () => {
    for (let row = 0; row < 2; row++) {
      for (let column = 0; column < 3; column++) {
        const { status, headers, body } = await ask(tile({ column, row }));
        expect(status).toBe(200);
        expect(headers["cache-control"]).toBe("private, max-age=31536000, immutable");
        const w = Math.min(512, width - column * 512);
        const h = Math.min(512, height - row * 512);
        const expected = await phantom.image.readRegion(0, column * 512, row * 512, w, h);
        expect(headers["content-length"]).toBe(String(w * h * 2));
        expect(samplesOf(body)).toEqual(expected.data);
      }
    }
  });

  it("sends whole tiles as they lie on disk to those who accept deflate", async () => {
    const plain = await ask(tile());
    const packed = await ask(tile(), { cookie: "member", "accept-encoding": "gzip, deflate" });
    expect(packed.headers["content-encoding"]).toBe("deflate");
    expect(packed.headers.vary).toBe("accept-encoding");
    expect(inflateSync(packed.body)).toEqual(plain.body);
    const edge = await ask(tile({ column: 2 }), { cookie: "member", "accept-encoding": "deflate" });
    expect(edge.headers["content-encoding"]).toBeUndefined();
    const refused = await ask(tile(), { cookie: "member", "accept-encoding": "deflate;q=0" });
    expect(refused.headers["content-encoding"]).toBeUndefined();
  });

  it("serves display tiles as JPEG, and HEAD without a body", async () => {
    const { headers, body } = await ask(tile({ form: "display", column: 2, row: 1 }));
    expect(headers["content-type"]).toBe("image/jpeg");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(await sharp(body).metadata()).toMatchObject({ width: 76, height: 188, channels: 1 });
    const head = await ask(tile({ form: "display", column: 2, row: 1 }), { cookie: "member" }, "HEAD");
    expect([head.status, head.headers["content-length"], head.body.length]).toEqual([
      200,
      String(body.length),
      0,
    ]);
  });

  it.each([
    ["a stranger", tile(), {}],
    ["an unknown micrograph", tile({ micrographId: "micrograph02" }), undefined],
    ["somebody else's derivation", tile({ derivation: "b".repeat(32) }), undefined],
    ["an unknown signal", tile({ signal: "7" }), undefined],
    ["a column beyond the last", tile({ column: 3 }), undefined],
    ["a row beyond the last", tile({ row: 2 }), undefined],
    ["a level beyond the last", tile({ level: 9 }), undefined],
    ["a frame beyond the last", tile({ frame: 3 }), undefined],
    ["a path that climbs", "/tiles/../../etc/passwd", undefined],
    ["an encoded climb", `/tiles/${micrographId}/%2e%2e%2f/0/0/0/0_0.bin`, undefined],
  ] as const)("%s: 404, not to be kept", async (_, path, headers) => {
    const answer = await ask(path, headers);
    expect(answer.status).toBe(404);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.body.length).toBe(0);
  });

  it("has a frame derived that is asked for the first time", async () => {
    expect((await ask(tile({ frame: 2 }))).status).toBe(404);
    expect(asked).toContain(`${micrographId} 0 2`);
  });

  it("leaves other paths and other methods alone", async () => {
    expect((await ask("/api/v1/session")).status).toBe(418);
    const post = await ask(tile(), { cookie: "member" }, "POST");
    expect([post.status, post.headers.allow]).toEqual([405, "GET, HEAD"]);
  });
});

describe("deep zoom", () => {
  it("describes the image and has a tile for every level down to one pixel", async () => {
    expect(deepZoomDescriptor(width, height)).toContain(`Width="1100" Height="700"`);
    const max = deepZoomMaxLevel(width, height);
    expect(max).toBe(11);
    for (let deepZoomLevel = 0; deepZoomLevel <= max; deepZoomLevel++) {
      const at = {
        derivation,
        width,
        height,
        tileType: "u16",
        frame: 0,
        deepZoomLevel,
        column: 0,
        row: 0,
      } as const;
      const size = await sharp((await deepZoomTile(tiles, at))!).metadata();
      const scaled = (n: number) => Math.min(512, Math.ceil(n / 2 ** (max - deepZoomLevel)));
      expect([size.width, size.height]).toEqual([scaled(width), scaled(height)]);
    }
    const beyond = {
      derivation,
      width,
      height,
      tileType: "u16",
      frame: 0,
      deepZoomLevel: 12,
      column: 0,
      row: 0,
    } as const;
    expect(await deepZoomTile(tiles, beyond)).toBeUndefined();
  });
});
