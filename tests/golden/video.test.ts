import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
import { aviReader } from "#core/formats/avi.ts";
import { memoryByteSource } from "#core/formats/memory-byte-source.ts";
import { openFile } from "#core/formats/open-file.ts";
import { FormatError } from "#core/formats/reader.ts";
import { storedRows, writeAvi } from "#scripts/fixtures/avi-writer.ts";
import { openSource } from "#server/ingest/open-source.ts";
import { formatReaderContract, testContext } from "../contracts/format-reader.ts";
import { grey8, grey16, height, noise, raw, width } from "./tiny-pictures.ts";

const second = grey8.map((v) => 255 - v);
const colour = noise("uint8", 3) as Uint8Array;
/** Red and blue change places, as AVI stores them. */
const swapped = (rgb: Uint8Array) => rgb.map((_, i) => rgb[i - (i % 3) + 2 - (i % 3)]!);
const framesPerS = [25, 1] as const;
const ramp = Uint8Array.from({ length: 1024 }, (_, i) => (i % 4 === 3 ? 0 : i >> 2));
const jpegs = await Promise.all(
  [grey8, second].map(async (data) => {
    const bytes = new Uint8Array(
      await sharp(data, raw(1)).toColourspace("b-w").jpeg({ quality: 95 }).toBuffer(),
    );
    return { bytes, pixels: await sharp(bytes).toColourspace("b-w").raw().toBuffer() };
  }),
);
const words = (values: Uint16Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

formatReaderContract(aviReader, [
  {
    name: "grey.avi",
    bytes: writeAvi(
      [grey8, second].map((f) => storedRows(f, width, height)),
      ...([width, height, { codec: "", bits: 8, framesPerS, palette: ramp }] as const),
    ),
    frames: [grey8, second],
  },
  {
    name: "colour.avi",
    bytes: writeAvi([storedRows(swapped(colour), width * 3, height)], width, height, {
      ...{ codec: "DIB ", bits: 24, framesPerS },
    }),
    frames: [colour],
  },
  {
    name: "y800.avi",
    bytes: writeAvi([grey8], width, height, { codec: "Y800", bits: 8, framesPerS }),
    frames: [grey8],
  },
  {
    name: "y16.avi",
    bytes: writeAvi([words(grey16)], width, height, { codec: "Y16 ", bits: 16, framesPerS }),
    frames: [grey16],
  },
  {
    name: "mjpeg.avi",
    bytes: writeAvi(
      jpegs.map(({ bytes }) => bytes),
      ...([width, height, { codec: "MJPG", bits: 24, framesPerS }] as const),
    ),
    frames: jpegs.map(({ pixels }) => pixels),
    costly: true,
  },
]);

describe("AVI that is read here", () => {
  const open = async (bytes: Uint8Array) =>
    (await openFile(memoryByteSource(bytes), testContext("film.avi"))).images[0]!;

  it("has the times of its rate, and frames without bytes repeat the one before", async () => {
    const image = await open(
      writeAvi([grey8, new Uint8Array(), second], width, height, {
        ...{ codec: "Y800", bits: 8, framesPerS: [5, 2] },
      }),
    );
    expect(image.frameTimesS).toEqual([0, 0.4, 0.8]);
    expect(Array.from((await image.readRegion(1, 0, 0, width, height)).data)).toEqual(Array.from(grey8));
    expect(Array.from((await image.readRegion(2, 0, 0, width, height)).data)).toEqual(Array.from(second));
    expect(image.flags.lossy).toBe(false);
  });

  it("is lossy as Motion JPEG, and grey where its channels are one", async () => {
    const data = Buffer.from(Array.from(grey8).flatMap((v) => [v, v, v]));
    const bytes = new Uint8Array(await sharp(data, raw(3)).jpeg({ quality: 100 }).toBuffer());
    const image = await open(writeAvi([bytes], width, height, { codec: "MJPG", bits: 24, framesPerS }));
    expect([image.flags.lossy, image.samplesPerPixel]).toEqual([true, 1]);
  });

  it("with colours of its own keeps them as a palette", async () => {
    const palette = ramp.map((v, i) => (i % 4 === 0 ? 255 - v : v));
    const image = await open(
      writeAvi([storedRows(grey8, width, height)], width, height, {
        codec: "",
        bits: 8,
        framesPerS,
        palette,
      }),
    );
    expect(Array.from(image.display!.palette!.subarray(0, 6))).toEqual([0, 0, 255, 1, 1, 254]);
  });
});

describe("video without a decoder", () => {
  it.each([
    ["in.mp4", [0, 0, 0, 24, 0x66, 0x74, 0x79, 0x70, 0x69, 0x73, 0x6f, 0x6d], "MP4 or MOV"],
    ["in.mkv", [0x1a, 0x45, 0xdf, 0xa3, 1, 2, 3, 4], "Matroska"],
  ])("%s is refused with the command that converts it", async (name, head, kind) => {
    const opened = openFile(memoryByteSource(Uint8Array.from(head)), testContext(name));
    await expect(opened).rejects.toThrow(`ffmpeg -i "${name}" -pix_fmt gray frame_%04d.tif`);
    await expect(opened).rejects.toThrow(kind);
    await expect(opened).rejects.toBeInstanceOf(FormatError);
  });

  it("AVI in another codec, too", async () => {
    const bytes = writeAvi([grey8], width, height, { codec: "XVID", bits: 24, framesPerS });
    await expect(openFile(memoryByteSource(bytes), testContext("a.avi"))).rejects.toThrow(
      /"XVID".*ffmpeg -i/,
    );
  });
});

const hasFfmpeg = ["ffmpeg", "ffprobe"].every((name) => spawnSync(name, ["-version"]).status === 0);

describe.skipIf(!hasFfmpeg)("video decoded by the machine's ffmpeg", () => {
  const folder = mkdtempSync(join(tmpdir(), "lamella-video-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const [w, h, count] = [48, 32, 12];
  /** A bar that moves: every frame is another. */
  const frames = Array.from({ length: count }, (_, n) =>
    Uint8Array.from({ length: w * h }, (_, i) => (Math.floor((i % w) / 4) === n ? 220 : 60 + n * 4)),
  );
  const encode = (name: string, ...args: readonly string[]) => {
    const path = join(folder, name);
    const input = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", `${w}x${h}`, "-r", "10", "-i", "pipe:0"];
    const made = spawnSync("ffmpeg", ["-v", "error", "-y", ...input, ...args, path], {
      input: Buffer.concat(frames),
    });
    expect(made.stderr.toString()).toBe("");
    return path;
  };
  const limits = { maxPixelsPerFrame: 1 << 22, maxImages: 10 };
  const open = (path: string, fileName: string) => openSource({ path, fileName, limits });

  it("FFV1 in Matroska is exact, frame by frame in any order, and not lossy", async () => {
    await using opened = await open(encode("a.mkv", "-c:v", "ffv1"), "a.mkv");
    const image = opened.file.images[0]!;
    expect([image.frames, image.width, image.height, image.flags.lossy]).toEqual([count, w, h, false]);
    expect(image.frameTimesS!.map((t) => Math.round(t * 10))).toEqual(frames.map((_, n) => n));
    for (const frame of [11, 0, 5]) {
      const { data } = await image.readRegion(frame, 0, 0, w, h);
      expect(Array.from(data), `frame ${frame}`).toEqual(Array.from(frames[frame]!));
    }
  });

  it("MP4 with frames that need each other: each is the one of its time, and flagged lossy", async () => {
    const encoder = ["-c:v", "mpeg4", "-q:v", "2", "-g", "8", "-bf", "2"];
    await using opened = await open(encode("b.mp4", ...encoder), "b.mp4");
    const image = opened.file.images[0]!;
    expect([opened.file.format, image.frames, image.flags.lossy]).toEqual(["MP4 or MOV", count, true]);
    expect(image.warnings.join()).toContain("brightness");
    const error = (data: ArrayLike<number>, of: Uint8Array) =>
      of.reduce((sum, v, i) => sum + Math.abs(data[i]! - (16 + (v * 219) / 255)), 0) / of.length;
    for (const frame of [3, 9]) {
      const { data } = await image.readRegion(frame, 0, 0, w, h);
      const errors = frames.map((of) => error(data, of));
      expect(errors.indexOf(Math.min(...errors)), `frame ${frame}`).toBe(frame);
      expect(errors[frame]).toBeLessThan(6);
    }
  });

  it("keeps irregular times", async () => {
    const late = "setpts='if(gte(N,6),N+40,N)'";
    const path = encode("c.mkv", "-vf", late, "-vsync", "passthrough", "-c:v", "ffv1");
    await using opened = await open(path, "c.mkv");
    const times = opened.file.images[0]!.frameTimesS!.map((t) => Math.round(t * 10));
    expect(times).toEqual([0, 1, 2, 3, 4, 5, 46, 47, 48, 49, 50, 51]);
    // Frames that are read one after another, too, and over the gap.
    for (const frame of [4, 5, 6, 7]) {
      const { data } = await opened.file.images[0]!.readRegion(frame, 0, 0, w, h);
      expect(Array.from(data), `frame ${frame}`).toEqual(Array.from(frames[frame]!));
    }
  });

  it("opens no playlist, no network, and nothing beside the file", async () => {
    const secret = encode("secret.mkv", "-c:v", "ffv1");
    const playlist = join(folder, "list.mp4");
    const text = `    ftyp#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://${secret}\n`;
    writeFileSync(playlist, text);
    await expect(open(playlist, "list.mp4")).rejects.toBeInstanceOf(FormatError);
  });

  it("refuses a video that was cut off, without naming a path", async () => {
    const whole = encode("d.mp4", "-c:v", "mpeg4");
    const { readFileSync } = await import("node:fs");
    const cut = join(folder, "cut.mp4");
    writeFileSync(cut, readFileSync(whole).subarray(0, 900));
    await expect(open(cut, "cut.mp4")).rejects.toThrow(/cannot be decoded|no frame|no picture/);
    await expect(open(cut, "cut.mp4")).rejects.not.toThrow(folder);
  });
});
