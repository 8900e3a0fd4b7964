import { describe, expect, it } from "vitest";
import { memoryByteSource } from "#core/formats/memory-byte-source.ts";
import { openFile } from "#core/formats/open-file.ts";
import { FormatError } from "#core/formats/reader.ts";
import { tvipsReader } from "#core/formats/tvips.ts";
import { writeTvips } from "#scripts/fixtures/tvips-writer.ts";
import { formatReaderContract, testContext } from "../contracts/format-reader.ts";
import { grey8, grey16, height, width } from "./tiny-pictures.ts";

const atS = 1_500_000_000;
const many = Array.from({ length: 5 }, (_, n) => grey16.map((v) => (v + 1000 * n) & 0xffff));
const timesS = [0, 0.25, 0.5, 4.125, 4.375].map((t) => atS + t);

// One frame each: a recording cut between two frames is a shorter recording, and nothing in it says otherwise.
formatReaderContract(tvipsReader, [
  {
    name: "v1_000.tvips",
    bytes: writeTvips([grey8], width, height, { version: 1, timesS }),
    frames: [grey8],
  },
  {
    name: "v2_000.tvips",
    bytes: writeTvips([grey16], width, height, { version: 2, timesS }),
    frames: [grey16],
  },
  {
    name: "short frame headers.tvips",
    bytes: writeTvips([grey16], width, height, { version: 2, timesS, frameHeaderBytes: 64 }),
    frames: [grey16],
  },
]);

describe("recordings of a TVIPS camera", () => {
  const parts = [
    writeTvips(many.slice(0, 2), width, height, { version: 2, timesS, stageAlphaDeg: 12.5 }),
    writeTvips(many.slice(2, 4), width, height, { version: 2, timesS: timesS.slice(2), continues: true }),
    writeTvips(many.slice(4), width, height, { version: 2, timesS: timesS.slice(4), continues: true }),
  ];
  const open = (names: readonly string[]) => {
    const files = names.map((name) => ({
      name,
      source: memoryByteSource(parts[Number(/_(\d+)\./.exec(name)![1])]!),
    }));
    return openFile(files[0]!.source, { ...testContext(files[0]!.name), sidecars: files.slice(1) });
  };

  it("go on over their parts, in any order handed in, with each frame's own time", async () => {
    const { format, images } = await open(["run_000.tvips", "run_002.tvips", "run_001.tvips"]);
    const image = images[0]!;
    expect(format).toBe("TVIPS");
    expect(image.frameTimesS).toEqual([0, 0.25, 0.5, 4.125, 4.375]);
    for (const [frame, values] of many.entries()) {
      const { data } = await image.readRegion(frame, 0, 0, width, height);
      expect(Array.from(data)).toEqual(Array.from(values));
    }
    expect(image.acquisition).toMatchObject({
      highTensionKv: { value: 200 },
      binning: { value: 2 },
      stageAlphaDeg: { value: 12.5 },
      acquiredAt: { value: "2017-07-14T02:40:00.000Z" },
    });
    expect(image.calibration.state).toBe("uncalibrated");
  });

  it("with a part missing, or without the first, are refused with its name", async () => {
    await expect(open(["run_000.tvips", "run_002.tvips"])).rejects.toThrow(/part 1 is missing/);
    await expect(open(["run_001.tvips"])).rejects.toThrow(/_000\.tvips/);
    await expect(open(["run_001.tvips"])).rejects.toBeInstanceOf(FormatError);
  });

  it("whose clock was set back have no times, and say so", async () => {
    const bytes = writeTvips(many.slice(0, 3), width, height, {
      version: 1,
      timesS: [atS, atS + 5, atS + 1],
    });
    const { images } = await openFile(memoryByteSource(bytes), testContext("back_000.tvips"));
    expect(images[0]!.frameTimesS).toBeUndefined();
    expect(images[0]!.warnings[0]).toContain("frame 3");
  });

  it("of diffraction are diffraction", async () => {
    const bytes = writeTvips([grey16], width, height, { version: 2, timesS, mode: 2 });
    const { images } = await openFile(memoryByteSource(bytes), testContext("saed_000.tvips"));
    expect(images[0]!.kind).toBe("diffraction");
  });
});
