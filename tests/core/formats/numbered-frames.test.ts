import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { frameListText } from "#core/formats/frame-list.ts";
import { memoryByteSource } from "#core/formats/memory-byte-source.ts";
import { findNumberedFrames, timesOfFrames } from "#core/formats/numbered-frames.ts";
import { openFile } from "#core/formats/open-file.ts";
import { writeTiff } from "#scripts/fixtures/tiff-writer.ts";
import { writeTvips } from "#scripts/fixtures/tvips-writer.ts";
import { testContext } from "../../contracts/format-reader.ts";

const frames = (count: number, nameOf: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => nameOf(i));

describe("stacks among the files of an upload", () => {
  it("are files of one folder that differ in their last number, in its order", () => {
    const paths = [
      ...frames(12, (i) => `day 2/wire 3_frame_${i + 1}.tif`),
      "day 2/notes.txt",
      "day 2/overview.tif",
    ];
    const found = findNumberedFrames(paths.toReversed());
    expect(found).toEqual([{ name: "wire 3_frame", paths: paths.slice(0, 12), certain: true }]);
  });

  it("are not guessed for a few numbered pictures, and said to be uncertain for plain names", () => {
    expect(findNumberedFrames(frames(4, (i) => `wire_frame_${i}.dm4`))).toEqual([]);
    expect(findNumberedFrames(frames(7, (i) => `wire_${i}.dm4`))).toEqual([]);
    expect(findNumberedFrames(frames(8, (i) => `wire_${i}.dm4`))[0]).toMatchObject({
      name: "wire",
      certain: false,
    });
  });

  it("are kept apart by folder, name and ending; two files of one number are none", () => {
    const found = findNumberedFrames([
      ...frames(9, (i) => `a/x${i}.tif`),
      ...frames(9, (i) => `b/x${i}.tif`),
      ...frames(9, (i) => `a/x${i}.dm4`),
    ]);
    expect(found.map(({ name, paths }) => [name, paths.length])).toEqual([
      ["x", 9],
      ["x", 9],
      ["x", 9],
    ]);
    expect(findNumberedFrames([...frames(9, (i) => `x${i}.tif`), "x03.tif"])).toEqual([]);
    // The number of a folder is no frame's.
    expect(findNumberedFrames(frames(9, (i) => `run ${i}/wire.tif`))).toEqual([]);
  });

  it("are not a choice of frames from a longer recording", () => {
    expect(findNumberedFrames([2, 433, 896, 1357, 1816].map((n) => `Heat-1-Frame-${n}.jpg`))).toEqual([]);
    // A frame lost here and there is no choice.
    const lossy = frames(12, (i) => `frame_${i}.tif`).filter((_, i) => i % 4 !== 3);
    expect(findNumberedFrames(lossy)[0]!.paths.length).toBe(9);
  });

  it("are trees of Gatan's recorder, over hours, minutes and seconds", () => {
    const paths = [
      "movie/Hour_00/Minute_00/Second_59/movie_Hour_00_Minute_00_Second_59_Frame_0000.dm4",
      "movie/Hour_00/Minute_00/Second_59/movie_Hour_00_Minute_00_Second_59_Frame_0001.dm4",
      "movie/Hour_00/Minute_01/Second_00/movie_Hour_00_Minute_01_Second_00_Frame_0000.dm4",
      "movie/Hour_00/Minute_01/Second_00/movie_Hour_00_Minute_01_Second_00_Frame_0001.dm4",
      "movie/Hour_01/Minute_00/Second_00/movie_Hour_01_Minute_00_Second_00_Frame_0000.dm4",
    ];
    const [found] = findNumberedFrames(paths.toReversed());
    expect(found).toEqual({ name: "movie", paths, certain: true });
    const times = timesOfFrames(paths.map((path) => ({ path, acquiredAt: null })));
    expect(times).toEqual({ timesS: [0, 0.5, 1, 1.5, 3541], from: "names" });
    // Tags of whole seconds say less than the names.
    const coarse = [59, 59, 60, 60, 3600].map((s) => new Date(s * 1000).toISOString());
    expect(timesOfFrames(paths.map((path, i) => ({ path, acquiredAt: coarse[i]! }))).from).toBe("names");
  });

  it("are the parts of a recording", () => {
    expect(findNumberedFrames(["r_001.tvips", "r_000.tvips"])).toEqual([
      { name: "r", paths: ["r_000.tvips", "r_001.tvips"], certain: true },
    ]);
  });
});

describe("times of numbered frames", () => {
  const timed = (times: readonly (string | null)[]) =>
    timesOfFrames(times.map((acquiredAt, i) => ({ path: `f${i}.tif`, acquiredAt })));
  it("are those of their tags", () => {
    expect(timed(["2026-03-01T10:00:00.5Z", "2026-03-01T10:00:01Z", "2026-03-01T10:01:00Z"])).toEqual({
      timesS: [0, 0.5, 59.5],
      from: "tags",
    });
  });
  it("are not known where one has none, they fall, or all are the same", () => {
    const one = "2026-03-01T10:00:00Z";
    expect(timed([one, null, one]).from).toBeNull();
    expect(timed(["2026-03-01T10:00:01Z", one]).from).toBeNull();
    expect(timed([one, one]).from).toBeNull();
  });
});

describe("a list of frames opens as one stack", () => {
  const [width, height] = [6, 4];
  const tiff = (n: number, w = width) =>
    writeTiff([
      [
        {
          ...{ width: w, height, samplesPerPixel: 1, sampleType: "uint16" },
          data: Uint16Array.from({ length: w * height }, (_, i) => 1000 * n + i),
        },
        { rowsPerStrip: 2 },
      ],
    ]);
  const open = (
    members: readonly (readonly [name: string, bytes: Uint8Array])[],
    handedIn = members.length,
  ) => {
    const hashed = members.map(([fileName, bytes]) => ({
      fileName,
      bytes,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    }));
    const text = frameListText({
      name: "wire",
      frames: hashed.map(({ fileName, sha256 }) => ({ fileName, sha256 })),
      timesS: members.map((_, i) => i * i),
      timesFrom: "tags",
    });
    const sidecars = hashed
      .slice(0, handedIn)
      .map(({ sha256, bytes }) => ({ name: sha256, source: memoryByteSource(bytes) }));
    return openFile(memoryByteSource(new TextEncoder().encode(text)), {
      ...testContext("wire.frames.json"),
      sidecars,
    });
  };

  it("with every pixel of every file, read in any order", async () => {
    const { format, images } = await open([0, 1, 2, 3].map((n) => [`f${n}.tif`, tiff(n)] as const));
    const image = images[0]!;
    expect([format, image.frames, image.title]).toEqual(["Numbered frames", 4, "wire"]);
    expect(image.frameTimesS).toEqual([0, 1, 4, 9]);
    for (const frame of [3, 0, 2, 1, 3]) {
      const { data } = await image.readRegion(frame, 1, 2, 4, 2);
      expect(Array.from(data)).toEqual([13, 14, 15, 16, 19, 20, 21, 22].map((v) => 1000 * frame + v));
    }
  });

  it("refuses a frame of another size with its number, and a file that is missing with its name", async () => {
    const { images } = await open([
      ["f0.tif", tiff(0)],
      ["f1.tif", tiff(1, 5)],
    ]);
    await expect(images[0]!.readRegion(1, 0, 0, 2, 2)).rejects.toThrow(
      /Frame 2 .* 5 × 4 px where the first is 6 × 4/,
    );
    await expect(open([["f0.tif", tiff(0)]], 0)).rejects.toThrow(/"f0\.tif" is not there/);
  });

  it("of a recording's parts is the recording", async () => {
    const frame = Uint8Array.from({ length: width * height }, (_, i) => i);
    const part = (timesS: readonly number[], continues: boolean) =>
      writeTvips(
        timesS.map(() => frame),
        width,
        height,
        { version: 1, timesS, continues },
      );
    const { format, images } = await open([
      ["r_000.tvips", part([100, 101], false)],
      ["r_001.tvips", part([104], true)],
    ]);
    expect([format, images[0]!.frames, images[0]!.frameTimesS]).toEqual(["TVIPS", 3, [0, 1, 4]]);
  });

  it("is refused when damaged", async () => {
    const damaged =
      '{"format":"lamella-frames","version":1,"name":"x","frames":[{"fileName":"a","sha256":"no"}]}';
    await expect(
      openFile(memoryByteSource(new TextEncoder().encode(damaged)), testContext("x.frames.json")),
    ).rejects.toThrow(/damaged/);
  });
});
