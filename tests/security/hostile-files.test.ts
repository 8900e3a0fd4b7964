import { readdir } from "node:fs/promises";
import { crc32, deflateSync, gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Source } from "#core/protocol/api/shapes.ts";
import { createRandom } from "#core/random/generator.ts";
import { takenByFamily, watchMemory } from "#scripts/process-tree.ts";
import { admin, json, makeProject, startTestServer, type TestServer } from "../server/http/running-server.ts";

/** As much of a core's time as one file may take, whatever else the machine does meanwhile. */
const mostMs = 10_000;
const mostBytes = 2 ** 30;

let server: TestServer;
let projectId: string;
let picture: Buffer;

beforeAll(async () => {
  server = await startTestServer();
  projectId = await makeProject(server, "hostile");
  const pixels = Uint16Array.from({ length: 40 * 30 }, (_, i) => i);
  picture = await sharp(pixels, { raw: { width: 40, height: 30, channels: 1 } })
    .toColourspace("grey16")
    .tiff({ compression: "none" })
    .toBuffer();
});
afterAll(() => server.stop());

async function send(name: string, bytes: Uint8Array): Promise<string> {
  const answer = await fetch(
    `${server.url}/api/v1/projects/${projectId}/micrographs?name=${encodeURIComponent(name)}`,
    {
      method: "POST",
      headers: { ...admin, "content-type": "application/octet-stream" },
      body: new Uint8Array(bytes),
    },
  );
  return (await json<{ source: string }>(Promise.resolve(answer))).source;
}

const sourceOf = (id: string) => json<Source>(server.call("GET", `/sources/${id}`, admin));

/** What became of a file, how long it kept a core busy and by how much server and readers grew meanwhile. */
async function fate(name: string, bytes: Uint8Array) {
  const before = takenByFamily();
  const peakBytes = watchMemory(20);
  try {
    const id = await send(name, bytes);
    await server.ingest.settled(id);
    const ms = (takenByFamily().cpuS - before.cpuS) * 1000;
    return { ms, grownBytes: peakBytes() - before.rssBytes, source: await sourceOf(id) };
  } finally {
    peakBytes();
  }
}

async function expectRefusal(name: string, bytes: Uint8Array): Promise<void> {
  const { ms, grownBytes, source } = await fate(name, bytes);
  expect(source.status, `${name}: ${source.reason}`).toBe("failed");
  // A sentence for people, never a stack or the words of a library that fell over.
  expect(source.reason, name).toMatch(/^[A-Z].{10,}\.$/s);
  expect(source.reason, name).not.toMatch(
    /undefined|not a function|RangeError|The worker stopped|crashed over it| at .*:\d+:\d+/,
  );
  expect(ms, name).toBeLessThan(mostMs);
  expect(grownBytes, name).toBeLessThan(mostBytes);
}

function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

function png(width: number, height: number, depth: number, idat: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = depth;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    pngChunk("IHDR", header),
    pngChunk("IDAT", idat),
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

type Entry = readonly [tag: number, type: number, count: number, value: number];

/** A little-endian TIFF of one directory, its strip behind it. */
function tiff(entries: readonly Entry[], strip: Uint8Array, next = 0): Buffer {
  const directory = Buffer.alloc(2 + entries.length * 12 + 4);
  directory.writeUInt16LE(entries.length, 0);
  entries.forEach(([tag, type, count, value], i) => {
    directory.writeUInt16LE(tag, 2 + i * 12);
    directory.writeUInt16LE(type, 4 + i * 12);
    directory.writeUInt32LE(count, 6 + i * 12);
    directory.writeUInt32LE(value >>> 0, 10 + i * 12);
  });
  directory.writeUInt32LE(next, directory.length - 4);
  return Buffer.concat([Buffer.from("II*\0\x08\0\0\0", "latin1"), directory, strip]);
}

const grey = (
  width: number,
  height: number,
  compression: number,
  at: number,
  bytes: number,
): readonly Entry[] => [
  [256, 4, 1, width],
  [257, 4, 1, height],
  [258, 3, 1, 8],
  [259, 3, 1, compression],
  [262, 3, 1, 1],
  [273, 4, 1, at],
  [277, 3, 1, 1],
  [278, 4, 1, height],
  [279, 4, 1, bytes],
];
const stripAt = 8 + 2 + 9 * 12 + 4;

function mrc(columns: number, rows: number, sections: number, mode: number, extended = 0): Buffer {
  const header = Buffer.alloc(1024);
  for (const [i, v] of [columns, rows, sections, mode].entries()) header.writeInt32LE(v, i * 4);
  header.writeInt32LE(extended, 92);
  header.write("MAP ", 208, "latin1");
  header.set([0x44, 0x44], 212);
  return header;
}

/** What gigabytes of zeros become. */
const zeros = (megabytes: number) => deflateSync(Buffer.alloc(megabytes * 2 ** 20), { level: 1 });

const bomb = zeros(256);

const svg =
  '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>';
const html = "<!doctype html><html><body onload=alert(1)><img src=x onerror=alert(1)></body></html>";

describe("files that are not what they say", () => {
  it.each([
    ["svg.tif", Buffer.from(svg)],
    ["svg.png", Buffer.from(svg)],
    ["svg.svg", Buffer.from(svg)],
    ["page.jpg", Buffer.from(html)],
    ["page.mrc", Buffer.from(html.padEnd(2000))],
    ["page.html", Buffer.from(html)],
    ["zip.dm4", Buffer.from("PK\x03\x04".padEnd(400, "\0"), "latin1")],
    ["nothing.ser", Buffer.from([0])],
    [
      "noise.dm3",
      Buffer.from(
        Uint8Array.from(
          { length: 5000 },
          (
            (r) => () =>
              r() * 256
          )(createRandom(1)),
        ),
      ),
    ],
  ])("%s", expectRefusal);
});

describe("sizes nobody has", () => {
  it.each<[string, Buffer]>([
    ["huge.png", png(0x7fffffff, 0x7fffffff, 8, zeros(1))],
    ["huge-but-empty.png", png(40_000, 40_000, 8, zeros(1))],
    ["huge.tif", tiff(grey(0xffffffff, 0xffffffff, 1, stripAt, 100), Buffer.alloc(100))],
    ["missing-strip.tif", tiff(grey(30_000, 30_000, 1, stripAt, 900_000_000), Buffer.alloc(100))],
    ["no-pixels.tif", tiff(grey(0, 0, 1, stripAt, 100), Buffer.alloc(100))],
    ["bomb.tif", tiff(grey(10, 10, 8, stripAt, bomb.length), bomb)],
    [
      "counts.tif",
      tiff(
        [...grey(100, 100, 1, stripAt, 100).slice(0, 5), [273, 4, 0xffffffff, 8], [279, 4, 0xffffffff, 8]],
        Buffer.alloc(100),
      ),
    ],
    ["loop.tif", tiff([[254, 4, 1, 0]], Buffer.alloc(0), 8)],
    ["huge.mrc", mrc(0x7fffffff, 0x7fffffff, 0x7fffffff, 2)],
    ["negative.mrc", mrc(-5, 10, 1, 1)],
    ["extended.mrc", mrc(100, 100, 1, 1, 0x7fffffff)],
    [
      "bomb.mrc.gz",
      gzipSync(Buffer.concat([mrc(50_000, 50_000, 10, 2), Buffer.alloc(200 * 2 ** 20)]), { level: 1 }),
    ],
    [
      "deep.dm4",
      Buffer.concat([
        Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 1]),
        Buffer.alloc(4000, 0x14),
      ]),
    ],
    [
      "huge.ser",
      Buffer.concat([
        Buffer.from("49499701200220412241000000000000ffffff7fffffff7f", "hex"),
        Buffer.alloc(200, 0xff),
      ]),
    ],
    ["broken.emd", Buffer.concat([Buffer.from("\x89HDF\r\n\x1a\n", "latin1"), Buffer.alloc(3000, 0xff)])],
  ])("%s", expectRefusal);
});

describe("names nobody gives", () => {
  it.each([
    ["../../../../etc/cron.d/a.tif", "a.tif"],
    ["..\\..\\windows\\a.tif", "a.tif"],
    ["a\0b.tif", "ab.tif"],
    ["invoice\u202efit.exe.tif", "invoicefit.exe.tif"],
    [`${"x".repeat(296)}.tif`, `${"x".repeat(196)}.tif`],
    ["<img src=x onerror=alert(1)>.tif", "<img src=x onerror=alert(1)>.tif"],
    ["..", "unnamed"],
    ["con.tif\r\nset-cookie: a=b", "con.tifset-cookie: a=b"],
  ])("%j is shown as text and no path", async (name, shown) => {
    const { source } = await fate(name, picture);
    expect([source.status, source.fileName]).toEqual(["ready", shown]);
    const original = await server.call("GET", `/sources/${source.id}/original`, admin);
    expect(original.status).toBe(200);
    expect(original.headers.get("content-disposition")).toMatch(
      /^attachment; filename\*=UTF-8''[\w%.!~*'()-]+$/,
    );
    expect(original.headers.get("content-security-policy")).toContain("sandbox");
    expect((await original.arrayBuffer()).byteLength).toBe(picture.length);
    const kept = await readdir(server.dataDir, { recursive: true });
    expect(
      kept.filter((path) => /cron|windows|\.tif$|alert/.test(path) && !path.includes("derived")),
    ).toEqual([]);
  });
});

it("good files go on while bad ones are refused", async () => {
  const bad = [svg, html].map((text, i) => send(`bad-${i}.tif`, Buffer.from(text)));
  const bomb = send("again.png", png(40_000, 40_000, 8, zeros(1)));
  const good = await send("good.tif", picture);
  expect(await server.ingest.settled(good)).toBe("ready");
  for (const id of await Promise.all([...bad, bomb])) expect(await server.ingest.settled(id)).toBe("failed");
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
});

it("a picture cut off anywhere in its header, or with a byte turned, is refused or shown, and never hangs", async () => {
  const random = createRandom(Number(process.env["SEED"] ?? 11));
  const broken = [
    ...Array.from({ length: 10 }, (_, i) => picture.subarray(0, 1 + Math.floor((i * picture.length) / 10))),
    ...Array.from({ length: 20 }, () => {
      const copy = Buffer.from(picture);
      // The directory of this TIFF stands behind its pixels.
      const at = random() < 0.5 ? Math.floor(random() * 8) : picture.length - 1 - Math.floor(random() * 300);
      copy[at] = copy[at]! ^ (1 << Math.floor(random() * 8));
      return copy;
    }),
  ];
  for (const [i, bytes] of broken.entries()) {
    const { ms, source } = await fate(`broken-${i}.tif`, bytes);
    expect(["ready", "failed"]).toContain(source.status);
    if (source.status === "failed") expect(source.reason).toMatch(/^[A-Z].*\.$/s);
    expect(ms).toBeLessThan(mostMs);
  }
});
