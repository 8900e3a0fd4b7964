import sharp from "sharp";
import { createSamples, type SampleType } from "#core/micrograph/raster.ts";
import { createRandom } from "#core/random/generator.ts";
import { writeDm } from "#scripts/fixtures/dm-writer.ts";
import { writeSer } from "#scripts/fixtures/ser-writer.ts";
import type { Picture } from "#scripts/fixtures/tiff-writer.ts";
import type { FormatFixture } from "../contracts/format-reader.ts";

export const [width, height] = [7, 5];
export const span: Readonly<Record<SampleType, readonly [number, number]>> = {
  uint8: [0, 256],
  int8: [-128, 256],
  uint16: [0, 65536],
  int16: [-32768, 65536],
  uint32: [0, 2 ** 32],
  int32: [-(2 ** 31), 2 ** 32],
  float32: [-1e6, 2e6],
  float64: [-1e6, 2e6],
};

/** Seeded noise over the whole range of the type: neither sign, nor byte order, nor depth can hide. */
export function noise(sampleType: SampleType, samplesPerPixel: 1 | 3 | 4 = 1, frames = 1) {
  const random = createRandom(width * 31 + samplesPerPixel);
  const [least, range] = span[sampleType];
  const data = createSamples(sampleType, width * height * samplesPerPixel * frames);
  for (let i = 0; i < data.length; i++) {
    const value = least + random() * range;
    data[i] = sampleType.startsWith("float") ? value : Math.floor(value);
  }
  return data;
}

export const picture = (sampleType: SampleType, samplesPerPixel: 1 | 3 | 4 = 1): Picture => ({
  width,
  height,
  samplesPerPixel,
  sampleType,
  data: noise(sampleType, samplesPerPixel),
});

export const bits = (count: 1 | 2 | 4): Picture => {
  const content = picture("uint8");
  return { ...content, data: content.data.map((v) => v >> (8 - count)) };
};

export const dm = (version: 3 | 4, type: SampleType, dataType: number): FormatFixture => {
  const data = noise(type, 1, 2);
  const calibrations = [
    { scale: 1, unit: "nm" },
    { scale: 2, unit: "Å" },
    { scale: 0.5, unit: "s" },
  ];
  return {
    name: `${type}.dm${version}`,
    bytes: writeDm(version, [{ name: type, dimensions: [width, height, 2], dataType, data, calibrations }]),
    frames: [data.subarray(0, width * height), data.subarray(width * height)],
  };
};
/** The fixture's writer takes rows from the top and stores them upwards, as TIA does. */
export const ser = (name: string, wide: boolean, type: SampleType): FormatFixture => {
  const data = noise(type, 1, 2);
  const frames = [data.subarray(0, width * height), data.subarray(width * height)];
  return {
    name: `${name}.ser`,
    bytes: writeSer(frames, width, height, { wide, announced: 3, deltaM: [2e-9, 3e-9] }),
    frames,
  };
};

export const grey16 = noise("uint16") as Uint16Array;
export const grey8 = noise("uint8") as Uint8Array;
export const raw = (channels: 1 | 3 | 4) => ({ raw: { width, height, channels } });
export const jpegBytes = new Uint8Array(
  await sharp(grey8, raw(1)).toColourspace("b-w").jpeg({ quality: 95 }).toBuffer(),
);
