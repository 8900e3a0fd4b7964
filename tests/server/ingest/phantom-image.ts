import type { SourceImage } from "#core/formats/reader.ts";
import { plainPixels } from "#core/micrograph/content.ts";
import { createSamples, type SampleArray, type SampleType } from "#core/micrograph/raster.ts";
import { createRandom } from "#core/random/generator.ts";

export interface Phantom {
  readonly image: SourceImage;
  /** All samples of each frame. */
  readonly frames: readonly SampleArray[];
}

const spans: Readonly<Record<SampleType, readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
  uint32: [0, 2 ** 20],
  int32: [-(2 ** 20), 2 ** 20],
  float32: [-1e3, 1e3],
  float64: [-1e3, 1e3],
};

/** An image in memory whose every pixel is known: a smooth ramp with noise over the whole range of its type. */
export function phantomImage(
  sampleType: SampleType,
  width: number,
  height: number,
  {
    samplesPerPixel = 1,
    frames = 1,
    seed = 1,
  }: { samplesPerPixel?: 1 | 3 | 4; frames?: number; seed?: number } = {},
): Phantom {
  const random = createRandom(seed);
  const [low, high] = spans[sampleType];
  const whole = !sampleType.startsWith("float");
  const data = Array.from({ length: frames }, () => {
    const samples = createSamples(sampleType, width * height * samplesPerPixel);
    for (let i = 0; i < samples.length; i++) {
      const ramp = (i % (width * samplesPerPixel)) / (width * samplesPerPixel);
      const value = low + (high - low) * (0.8 * ramp + 0.2 * random());
      samples[i] = whole ? Math.round(value) : Math.fround(value);
    }
    return samples;
  });
  const image: SourceImage = {
    title: "phantom",
    kind: "image",
    width,
    height,
    frames,
    sampleType,
    samplesPerPixel,
    calibration: { state: "uncalibrated", reason: "made in memory" },
    acquisition: {},
    flags: plainPixels,
    warnings: [],
    async readRegion(frame, x, y, w, h) {
      const out = createSamples(sampleType, w * h * samplesPerPixel);
      for (let row = 0; row < h; row++) {
        const from = ((y + row) * width + x) * samplesPerPixel;
        const part = data[frame]!.subarray(from, from + w * samplesPerPixel);
        out.set(part as never, row * w * samplesPerPixel);
      }
      return { width: w, height: h, samplesPerPixel, sampleType, data: out };
    },
  };
  return { image, frames: data };
}
