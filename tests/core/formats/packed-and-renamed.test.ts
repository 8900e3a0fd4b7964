import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { Codecs } from "#core/formats/codecs.ts";
import { memoryByteSource } from "#core/formats/memory-byte-source.ts";
import { openFile } from "#core/formats/open-file.ts";
import { writeMrc } from "#scripts/fixtures/mrc-writer.ts";
import { nodeCodecs } from "#server/ingest/codecs.ts";
import { testContext } from "../../contracts/format-reader.ts";

const open = (name: string, bytes: Uint8Array, codecs: Partial<Codecs> = {}) => {
  const context = { ...testContext(name), limits: { maxPixelsPerFrame: 2 ** 31, maxImages: 100 } };
  return openFile(memoryByteSource(bytes), { ...context, codecs: { ...context.codecs, ...codecs } });
};
const text = (content: string) => new TextEncoder().encode(content);
const pixels = { raw: { width: 7, height: 5, channels: 3 as const } };
const photograph = () => sharp(new Uint8Array(105), pixels);

/** 45 MB of zeros, by the reference implementation 1.0.8; streams may follow one another. */
const zeros = Buffer.from("QlpoOTFBWSZTWckBtsgBWKtAIMAAEAAACCAAMMwFKaZSSFJsVJIUni7kinChIZIDbZA=", "base64");

describe("what is no picture, whatever its name says", () => {
  it.each([
    [
      "page.tif",
      () => text("\n<!DOCTYPE html><html><body>Sign in</body></html>"),
      /web page/,
      "not-a-picture",
    ],
    ["logo.png", () => text('<?xml version="1.0"?>\n<svg xmlns="x"/>'), /drawing \(SVG\)/, "not-a-picture"],
    ["a.tif", () => photograph().gif().toBuffer(), /GIF picture.*Export.*TIFF/, "unknown-format"],
    ["a.jpg", () => photograph().webp().toBuffer(), /WebP picture.*Export.*TIFF/, "unknown-format"],
    ["a.heic", () => photograph().avif().toBuffer(), /AVIF or HEIC.*Export.*TIFF/, "unknown-format"],
    ["a.png", () => new Uint8Array([0x89]), /begins with the bytes 89\./, "unknown-format"],
  ])("%s is called what it is", async (name, bytes, sentence, code) => {
    const refusal = open(name, new Uint8Array(await bytes()));
    await expect(refusal).rejects.toMatchObject({ code, message: expect.stringMatching(sentence) });
  });
});

describe("packed files", () => {
  it("a gzip bomb is refused by its first bytes and never unpacked", async () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(1 << 26)));
    const gunzip = () => Promise.reject(new Error("was unpacked"));
    await expect(open("a.mrc.gz", bomb, { gunzip })).rejects.toMatchObject({
      code: "unknown-format",
      message: expect.stringContaining("what this gzip file holds: it begins with the bytes 00"),
    });
  });

  it("a bzip2 bomb of 20 GB is refused by its first block", async () => {
    const bomb = new Uint8Array(Buffer.concat(Array(444).fill(zeros)));
    await expect(open("a.mrc.bz2", bomb)).rejects.toMatchObject({ code: "unknown-format" });
  });

  it("a picture at the head of a bomb does not help it", async () => {
    const mrc = writeMrc(new Int16Array(35), 7, 5, { mode: 1 });
    const joined = new Uint8Array(Buffer.concat([gzipSync(mrc), gzipSync(new Uint8Array(1 << 27))]));
    const limited = (bytes: Uint8Array, limit: number) => nodeCodecs.gunzip(bytes, Math.min(limit, 1 << 26));
    await expect(open("a.mrc.gz", joined, { gunzip: limited })).rejects.toMatchObject({ code: "too-large" });
  });

  it("large streams arrive whole; what is cut or damaged is refused", async () => {
    const plain = Uint8Array.from({ length: 20_000_003 }, (_, i) => (i * 31 + (i >> 9)) & 255);
    const packed = new Uint8Array(gzipSync(plain, { level: 1 }));
    const limit = plain.length;
    expect(Buffer.compare(await nodeCodecs.gunzip(packed, limit), plain)).toBe(0);
    await expect(nodeCodecs.gunzip(packed, limit - 1)).rejects.toMatchObject({ code: "too-large" });
    await expect(nodeCodecs.gunzip(packed.subarray(0, -9), limit)).rejects.toMatchObject({
      code: "truncated",
    });
    await expect(nodeCodecs.gunzip(packed.with(2000, ~packed[2000]!), limit)).rejects.toMatchObject({
      code: "malformed",
    });
  });
});

describe("pictures that can only be unpacked whole", () => {
  const words = (...values: readonly number[]) => {
    const bytes = Buffer.alloc(values.length * 4);
    for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, i * 4);
    return bytes;
  };

  it("a PNG that memory cannot hold is refused by its header, with what to do", async () => {
    const chunk = (type: string, content: Buffer) =>
      Buffer.concat([words(content.length), Buffer.from(type), content, words(0)]);
    const header = Buffer.concat([words(30_000, 30_000), Buffer.from([8, 2, 0, 0, 0])]);
    const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    const parts = [signature, chunk("IHDR", header), chunk("IDAT", words(0)), chunk("IEND", words())];
    await expect(open("a.png", new Uint8Array(Buffer.concat(parts)))).rejects.toMatchObject({
      code: "too-large",
      message: expect.stringMatching(/30000 × 30000 pixels need 5150 MiB.*900 MiB are there.*TIFF/),
    });
  });

  it("a JPEG likewise", async () => {
    const bytes = await photograph().jpeg().toBuffer();
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
    bytes.writeUInt16BE(65_000, frame + 5);
    bytes.writeUInt16BE(30_000, frame + 7);
    await expect(open("a.jpg", new Uint8Array(bytes))).rejects.toMatchObject({ code: "too-large" });
  });
});
