import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { windowTable } from "#core/pyramid/display-window.ts";
import { derivedFileNames, deriveFrame, type FrameSummary } from "#server/ingest/derive-frame.ts";
import { DirectoryBlobStore } from "#server/storage/files/directory-blob-store.ts";
import { derivationOf, derivedKeys } from "#server/tiles/derived-keys.ts";
import { createImageHandler } from "#server/tiles/iiif/image-handler.ts";
import { canonicalAddress, imageLimits, readImageRequest } from "#server/tiles/iiif/image-request.ts";
import { type ManifestFacts, manifestOf } from "#server/tiles/iiif/manifest.ts";
import { createTileStore, type TileStore } from "#server/tiles/tile-store.ts";
import { phantomImage } from "../ingest/phantom-image.ts";

const [width, height] = [1101, 700];
const phantom = phantomImage("uint8", width, height);
const derivation = derivationOf("c".repeat(64), 0);
const micrographId = "micrograph01";
const facts: ManifestFacts = {
  name: "wire 3 \u00b7 desodiated",
  width,
  height,
  frames: 2,
  calibration: {
    state: "calibrated",
    unit: "nm",
    pixelSize: { x: 0.25, y: 0.25 },
    rotationDeg: 0,
    relativeStandardUncertainty: { x: 0.01, y: 0.01 },
    source: { kind: "synthetic" },
    certified: true,
  },
};
let root: string;
let server: Server;
let origin: string;
let tiles: TileStore;
let summary: FrameSummary;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "lamella-iiif-"));
  const blobs = await DirectoryBlobStore.open(join(root, "blobs"));
  const folder = join(root, "work");
  await mkdir(folder);
  summary = await deriveFrame(phantom.image, 0, undefined, folder, () => undefined);
  await blobs.adopt(derivedKeys.native(derivation, 0), join(folder, derivedFileNames.native));
  await blobs.adopt(derivedKeys.display(derivation, 0), join(folder, derivedFileNames.display));
  tiles = createTileStore(blobs);
  const signal = {
    id: "0",
    tileType: summary.encoding.tileType,
    tileScale: summary.encoding.tileScale,
    window: summary.window,
    invert: false,
    derivation,
  };
  const handler = createImageHandler({
    tiles,
    pictureAccess: async (id) =>
      id === micrographId
        ? {
            projectId: "project1",
            width,
            height,
            frames: 1,
            signals: [signal, { ...signal, id: "1", invert: true }],
          }
        : undefined,
    paletteOf: async () => undefined,
    maySee: async (request, projectId) =>
      request.headers.authorization === undefined
        ? undefined
        : request.headers.authorization === "Bearer member" && projectId === "project1",
    requestFrame: async () => undefined,
    manifestFacts: async () => facts,
    originOf: () => "https://lamella.example.org",
  });
  server = createServer((request, response) => void handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(root, { recursive: true, force: true });
});

const ask = (
  path: string,
  headers: Record<string, string> = { authorization: "Bearer member" },
  method = "GET",
) => fetch(`${origin}/iiif/3/${path}`, { headers, method, redirect: "manual" });

async function pixels(path: string) {
  const answer = await ask(path);
  expect(answer.status, path).toBe(200);
  const picture = sharp(Buffer.from(await answer.arrayBuffer()));
  // Decoded as it is stored: sharp makes three channels of grey otherwise.
  const isGrey = (await picture.metadata()).space === "b-w";
  const { data, info } = await (isGrey ? picture.toColourspace("b-w") : picture)
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, ...info };
}

/** What the default window makes of a rectangle of recorded values. */
async function windowed(x: number, y: number, w: number, h: number, invert = false): Promise<Uint8Array> {
  const { data } = await phantom.image.readRegion(0, 0, 0, width, height);
  const table = windowTable(256, summary.encoding.tileScale, { ...summary.window, invert });
  return Uint8Array.from(
    { length: w * h },
    (_, i) => table[data[(y + Math.floor(i / w)) * width + x + (i % w)]!]!,
  );
}

describe("info.json", () => {
  it("describes the image as level 2, with the tiles and sizes that lie ready", async () => {
    const answer = await ask(`${micrographId}/info.json`);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
    expect(await answer.json()).toMatchObject({
      "@context": "http://iiif.io/api/image/3/context.json",
      id: `https://lamella.example.org/iiif/3/${micrographId}`,
      type: "ImageService3",
      protocol: "http://iiif.io/api/image",
      profile: "level2",
      width,
      height,
      sizes: [
        { width: 276, height: 175 },
        { width: 551, height: 350 },
        { width: 1101, height: 700 },
      ],
      tiles: [{ width: 512, height: 512, scaleFactors: [1, 2, 4] }],
    });
    const linked = await ask(`${micrographId}/info.json`, {
      authorization: "Bearer member",
      accept: "application/ld+json",
    });
    expect(linked.headers.get("content-type")).toMatch(/^application\/ld\+json;profile=/);
    const bare = await ask(micrographId);
    expect([bare.status, bare.headers.get("location")]).toEqual([
      303,
      `https://lamella.example.org/iiif/3/${micrographId}/info.json`,
    ]);
  });

  it("401 for nobody, whatever is asked for; 404 for strangers, as for what is not there; preflight needs neither", async () => {
    for (const id of [micrographId, "nothing-here", `${micrographId}.7`]) {
      const nobody = await ask(`${id}/info.json`, {});
      expect([nobody.status, nobody.headers.get("www-authenticate")]).toEqual([
        401,
        'Bearer realm="Lamella"',
      ]);
      const stranger = await ask(`${id}/info.json`, { authorization: "Bearer stranger" });
      expect([stranger.status, stranger.headers.get("cache-control")]).toEqual([404, "no-store"]);
    }
    for (const id of ["nothing-here", `${micrographId}.7`, `${micrographId}.0.1`, "%2e%2e", "%"])
      expect((await ask(`${id}/info.json`)).status, id).toBe(404);
    const preflight = await ask(`${micrographId}/info.json`, { origin: "https://viewer.example" }, "OPTIONS");
    expect([preflight.status, preflight.headers.get("access-control-allow-headers")]).toEqual([
      204,
      "authorization",
    ]);
    expect((await ask(`${micrographId}/info.json`, undefined, "POST")).status).toBe(405);
  });
});

describe("manifest.json", () => {
  it("is the micrograph as viewers of collections know it: a canvas a frame, the size of a pixel", async () => {
    const answer = await ask(`${micrographId}/manifest.json`);
    const manifest = await answer.json();
    const own = `https://lamella.example.org/iiif/3/${micrographId}`;
    expect(manifest).toMatchObject({
      "@context": "http://iiif.io/api/presentation/3/context.json",
      id: `${own}/manifest.json`,
      type: "Manifest",
      label: { none: [facts.name] },
    });
    expect(manifest.items).toHaveLength(2);
    const [, second] = manifest.items;
    expect(second).toMatchObject({ type: "Canvas", width, height });
    expect(second.service[0]).toMatchObject({ physicalScale: 2.5e-7, physicalUnits: "mm" });
    const painting = second.items[0].items[0];
    expect(painting).toMatchObject({ motivation: "painting", target: second.id });
    expect(painting.body.service).toEqual([{ id: `${own}.0.1`, type: "ImageService3", profile: "level2" }]);
    expect((await ask(`${micrographId}/manifest.json`, {})).status).toBe(401);
    expect((await ask("nothing-here/manifest.json")).status).toBe(404);
  });

  it("says nothing of pixels that are not square, or not of lengths", () => {
    for (const other of [{ unit: "1/nm" }, { pixelSize: { x: 1, y: 2 } }] as const) {
      const calibration = { ...facts.calibration, ...other } as ManifestFacts["calibration"];
      expect(manifestOf("", micrographId, { ...facts, calibration }).items[0]!.service).toBeUndefined();
    }
  });
});

describe("images", () => {
  it.each([
    ["full", 0, 0, width, height],
    ["300,200,450,333", 300, 200, 450, 333],
    ["511,511,2,2", 511, 511, 2, 2],
    ["1000,600,5000,5000", 1000, 600, 101, 100],
    ["square", 200, 0, 700, 700],
  ])("%s at full size holds exactly the windowed values", async (region, x, y, w, h) => {
    const got = await pixels(`${micrographId}/${region}/max/0/default.png`);
    expect([got.width, got.height, got.channels]).toEqual([w, h, 1]);
    expect(Buffer.compare(got.data, await windowed(x, y, w, h))).toBe(0);
  });

  it("a signal that is white at its least is shown so", async () => {
    const got = await pixels(`${micrographId}.1/10,20,100,50/max/0/default.png`);
    expect(Buffer.compare(got.data, await windowed(10, 20, 100, 50, true))).toBe(0);
  });

  it("in another window where one is asked for: of its own for caches, refused where it is none", async () => {
    const path = `${micrographId}/512,0,512,512/512,512/0/default`;
    const { data } = await phantom.image.readRegion(0, 0, 0, width, height);
    const table = windowTable(256, summary.encoding.tileScale, { low: 100, high: 130.5 });
    const got = await pixels(`${path}.png?window=100,130.5`);
    const expected = Uint8Array.from(
      { length: 512 * 512 },
      (_, i) => table[data[(i >> 9) * width + 512 + (i & 511)]!]!,
    );
    expect(Buffer.compare(got.data, expected)).toBe(0);
    const [plain, windowed] = await Promise.all([ask(`${path}.jpg`), ask(`${path}.jpg?window=100,130.5`)]);
    expect(plain.headers.get("etag")).not.toBe(windowed.headers.get("etag"));
    for (const wrong of ["130,100", "1", "a,b", "1,2,3", ",5", "1,1", "1,Infinity"])
      expect((await ask(`${path}.jpg?window=${wrong}`)).status, wrong).toBe(400);
  });

  it("turns clockwise after mirroring", async () => {
    const upright = await windowed(300, 200, 6, 4);
    const at = (x: number, y: number) => upright[y * 6 + x];
    const quarter = await pixels(`${micrographId}/300,200,6,4/max/90/default.png`);
    expect([quarter.width, quarter.height]).toEqual([4, 6]);
    expect(quarter.data[0]).toBe(at(0, 3));
    const mirrored = await pixels(`${micrographId}/300,200,6,4/max/!90/default.png`);
    expect(mirrored.data[0]).toBe(at(5, 3));
    expect(mirrored.data[4 * 6 - 1]).toBe(at(0, 0));
    const slanted = await pixels(`${micrographId}/300,200,60,40/max/22.5/default.png`);
    expect(slanted.width).toBeGreaterThan(60);
    expect([slanted.channels, slanted.data[0]]).toEqual([1, 255]);
  });

  it("sizes: reduced ones come from the level above, near its means", async () => {
    const got = await pixels(`${micrographId}/0,0,800,600/200,150/0/default.png`);
    expect([got.width, got.height]).toEqual([200, 150]);
    const full = await windowed(0, 0, 800, 600);
    let difference = 0;
    for (let y = 0; y < 150; y++) {
      for (let x = 0; x < 200; x++) {
        let sum = 0;
        for (let i = 0; i < 16; i++) sum += full[(y * 4 + (i >> 2)) * 800 + x * 4 + (i & 3)]!;
        difference += Math.abs(got.data[y * 200 + x]! - sum / 16);
      }
    }
    expect(difference / 30_000).toBeLessThan(3);
    for (const [size, w, h] of [
      ["90,", 90, 68],
      [",90", 120, 90],
      ["!90,90", 90, 68],
      ["pct:50", 400, 300],
      ["^1600,", 1600, 1200],
      ["70,80", 70, 80],
    ] as const) {
      const sized = await pixels(`${micrographId}/0,0,800,600/${size}/0/gray.jpg`);
      expect([sized.width, sized.height], size).toEqual([w, h]);
    }
    const bitonal = await pixels(`${micrographId}/0,0,800,600/max/0/bitonal.png`);
    expect(bitonal.data.every((shade) => shade === 0 || shade === 255)).toBe(true);
  });

  it("what OpenSeadragon asks for is a display tile as it lies, also at the edges", async () => {
    for (const [path, level, column, row] of [
      ["512,0,512,512/512,512", 0, 1, 0],
      ["1024,512,77,188/77,188", 0, 2, 1],
      ["1024,0,77,700/39,350", 1, 1, 0],
      ["full/276,175", 2, 0, 0],
    ] as const) {
      const answer = await ask(`${micrographId}/${path}/0/default.jpg`);
      const tile = await tiles.display({
        derivation,
        width,
        height,
        tileType: "u8",
        frame: 0,
        level,
        column,
        row,
      });
      expect(Buffer.from(await answer.arrayBuffer()).equals(Buffer.from(tile!)), path).toBe(true);
    }
  });

  it("is kept for an hour, then asked again and not sent again", async () => {
    const path = `${micrographId}/0,0,40,30/20,/0/default.jpg`;
    const first = await ask(path);
    expect(first.headers.get("cache-control")).toBe("private, max-age=3600");
    expect(first.headers.get("link")).toContain('/0,0,40,30/20,15/0/default.jpg>;rel="canonical"');
    const etag = first.headers.get("etag")!;
    const again = await ask(path, { authorization: "Bearer member", "if-none-match": etag });
    expect([again.status, (await again.arrayBuffer()).byteLength]).toEqual([304, 0]);
    expect((await ask(`${micrographId}/0,0,40,30/20,/90/default.jpg`)).headers.get("etag")).not.toBe(etag);
    expect((await ask(path, { "if-none-match": etag })).status).toBe(401);
  });

  it.each([
    "0,0,0,10/max/0/default.jpg",
    "2000,0,10,10/max/0/default.jpg",
    "full/2000,/0/default.jpg",
    "full/0,/0/default.jpg",
    "full/,/0/default.jpg",
    "full/pct:0/0/default.jpg",
    "full/^99999,/0/default.jpg",
    "full/max/361/default.jpg",
    "full/max/-90/default.jpg",
    "full/max/0/sepia.jpg",
    "full/max/0/default.gif",
    "-1,0,10,10/max/0/default.jpg",
    "full/max/0",
  ])("400 with a sentence: %s", async (path) => {
    const answer = await ask(`${micrographId}/${path}`);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { error: { message: string } }).error.message).toMatch(/^Expected/);
  });
});

describe("readImageRequest", () => {
  const read = (region: string, size: string) =>
    readImageRequest({ region, size, rotation: "0", quality: "default", format: "jpg" }, 100_000, 80_000);

  it("max and !w,h stay within the limits; a canonical address asks for the same", () => {
    for (const size of ["max", "^max", "!50000,50000", "!200,9999", "pct:1.5"]) {
      const asked = read("full", size);
      expect(asked.width * asked.height).toBeLessThanOrEqual(imageLimits.maxArea);
      const [region, canonicalSize] = canonicalAddress(asked, 100_000, 80_000).split("/") as [string, string];
      expect(read(region, canonicalSize)).toEqual(asked);
    }
    expect(read("pct:10,20,30,40", "max").region).toEqual({
      x: 10_000,
      y: 16_000,
      width: 30_000,
      height: 32_000,
    });
  });
});
