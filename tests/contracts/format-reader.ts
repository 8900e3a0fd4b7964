import { describe, expect, it } from "vitest";
import { memoryByteSource } from "#core/formats/memory-byte-source.ts";
import {
  FormatError,
  type FormatReader,
  type ReaderContext,
  type SourceImage,
} from "#core/formats/reader.ts";
import { createRandom } from "#core/random/generator.ts";
import { nodeCodecs } from "#server/ingest/codecs.ts";

/** A small file and what its pixels are: one array of values a frame, of the first image. */
export interface FormatFixture {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly frames: readonly ArrayLike<number>[];
  /** Opening takes a tenth of a second (a library of its own for every file): damaged dozens of times, not thousands. */
  readonly costly?: boolean;
}

export const testContext = (fileName: string): ReaderContext => ({
  fileName,
  codecs: nodeCodecs,
  sidecars: [],
  limits: { maxPixelsPerFrame: 1 << 22, maxImages: 100 },
});

const seed = Number(process.env.SEED ?? 20261123);
const maxTruncations = 3000;
const bitFlips = 300;
const costlyDamages = 40;

/** What every reader owes whoever calls it. Fixtures are small: they are read thousands of times. */
export function formatReaderContract(reader: FormatReader, fixtures: readonly FormatFixture[]): void {
  const open = (bytes: Uint8Array, name: string) => reader.open(memoryByteSource(bytes), testContext(name));
  const whole = (image: SourceImage, frame: number) =>
    image.readRegion(frame, 0, 0, image.width, image.height);

  /** All pixels of all images, or the refusal; whatever else is thrown fails the test. */
  const readAll = async (bytes: Uint8Array, name: string) => {
    try {
      if (!reader.sniff(bytes.subarray(0, 4096), name)) return "refused";
      const opened = await open(bytes, name);
      const pixels: number[][] = [];
      for (const image of opened.images) {
        // A damaged count may announce many frames over the same bytes: a few of them say enough.
        for (let frame = 0; frame < Math.min(image.frames, 8); frame++)
          pixels.push(Array.from((await whole(image, frame)).data));
      }
      return pixels;
    } catch (error) {
      if (error instanceof FormatError) return "refused";
      throw error;
    }
  };

  describe(`reader contract: ${reader.id}`, () => {
    describe.each(fixtures.map((fixture) => [fixture.name, fixture] as const))(
      "%s",
      (name, { bytes, frames, costly }) => {
        it("is recognised and gives every pixel of every frame", async () => {
          expect(reader.sniff(bytes.subarray(0, 4096), name)).toBe(true);
          const image = (await open(bytes, name)).images[0]!;
          expect(image.frames).toBe(frames.length);
          for (const [frame, values] of frames.entries()) {
            const raster = await whole(image, frame);
            expect(raster.sampleType).toBe(image.sampleType);
            expect(raster.samplesPerPixel).toBe(image.samplesPerPixel);
            expect(Array.from(raster.data)).toEqual(Array.from(values));
          }
        });

        it("gives the same for a region as for the whole", async () => {
          const image = (await open(bytes, name)).images[0]!;
          const { width, height, samplesPerPixel: samples } = image;
          const random = createRandom(seed);
          for (let n = 0; n < 12; n++) {
            const frame = Math.floor(random() * image.frames);
            const [x, y] = [Math.floor(random() * width), Math.floor(random() * height)];
            const [w, h] = [1 + Math.floor(random() * (width - x)), 1 + Math.floor(random() * (height - y))];
            const all = await whole(image, frame);
            const region = await image.readRegion(frame, x, y, w, h);
            const cut: number[] = [];
            for (let row = 0; row < h; row++) {
              const start = ((y + row) * width + x) * samples;
              cut.push(...all.data.subarray(start, start + w * samples));
            }
            expect({ width: region.width, height: region.height, data: Array.from(region.data) }).toEqual({
              width: w,
              height: h,
              data: cut,
            });
          }
        });

        it("refuses a region that is not within the picture", async () => {
          const image = (await open(bytes, name)).images[0]!;
          const { width, height, frames: count } = image;
          const outside: Parameters<SourceImage["readRegion"]>[] = [
            [0, 0, 0, width + 1, 1],
            [0, 0, 0, 1, height + 1],
            [0, -1, 0, 1, 1],
            [0, 0, height, 1, 1],
            [count, 0, 0, 1, 1],
            [0, 0, 0, 0, 1],
            [0, 0.5, 0, 1, 1],
            [-1, 0, 0, 1, 1],
          ];
          for (const region of outside)
            await expect(image.readRegion(...region)).rejects.toBeInstanceOf(FormatError);
        });

        it("hands out pixels that are the caller's own", async () => {
          const image = (await open(bytes, name)).images[0]!;
          const first = await whole(image, 0);
          first.data.fill(77);
          expect(Array.from((await whole(image, 0)).data)).toEqual(Array.from(frames[0]!));
        });

        it("says the same every time", async () => {
          const describeIt = async () => {
            const { images, ...rest } = await open(bytes, name);
            return JSON.stringify([rest, images]);
          };
          expect(await describeIt()).toBe(await describeIt());
        });

        it("cut anywhere it is refused, or its pixels are whole", async () => {
          const intact = await readAll(bytes, name);
          const step = Math.max(1, Math.ceil(bytes.length / (costly ? costlyDamages : maxTruncations)));
          for (let length = 0; length < bytes.length; length += step) {
            const cut = await readAll(bytes.slice(0, length), name);
            if (cut !== "refused") expect(cut, `cut at ${length}`).toEqual(intact);
          }
        });

        it("with any bit turned it answers or refuses, and never fails otherwise", async () => {
          const random = createRandom(seed);
          for (let n = 0; n < (costly ? costlyDamages : bitFlips); n++) {
            const damaged = bytes.slice();
            // Headers are where a bit does harm: half of the flips fall into the first 512 bytes.
            const reach = n % 2 ? damaged.length : Math.min(512, damaged.length);
            const at = Math.floor(random() * reach);
            damaged[at] = damaged[at]! ^ (1 << Math.floor(random() * 8));
            await readAll(damaged, name);
          }
        });
      },
    );
  });
}
