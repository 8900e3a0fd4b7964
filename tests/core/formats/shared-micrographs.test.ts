import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { describeFile } from "#server/commands/describe-file.ts";

const folder = resolve(import.meta.dirname, "../../../../shared/micrographs");
const present = existsSync(join(folder, "expected.json"));

type Value = number | string | readonly number[];
interface ExpectedImage {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly dtype: string;
  readonly kind: string;
  readonly nmPerPixel: { x: number; y: number } | null;
  readonly perNmPerPixel: { x: number; y: number } | null;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly samples: readonly { frame: number; x: number; y: number; value: Value }[];
}
interface ExpectedFile {
  readonly file: string;
  readonly format: string;
  readonly expect: "image" | "refuse" | "either" | "annotation";
  readonly images?: readonly Partial<ExpectedImage>[];
}

/**
 * Where the reference is further from the file's own numbers than 1e-6, and why.
 * navcam: x and y are exchanged (HFW 0.202732 over 768 columns, VFW 0.135155 over 512 rows; a width is horizontal).
 * SIS: the metres are rounded to 15 decimals (the file says 2.39279e-11).
 */
const pixelSizeTolerance: Readonly<Record<string, number>> = {
  "tiff/FEI-Helios-navcam.tif": 3e-6,
  "tiff/olympus_SIS.tif": 4e-6,
};
/** Decoders of JPEG may differ by so many grey levels. */
const jpegTolerance = 3;

const expected: readonly ExpectedFile[] = present
  ? (JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as { files: ExpectedFile[] }).files
  : [];

const close = (actual: number, wanted: number, tolerance = 1e-6) => {
  const limit = tolerance * Math.max(Math.abs(wanted), 1e-12);
  expect(Math.abs(actual - wanted), `${actual} is ${wanted}`).toBeLessThanOrEqual(limit);
};

describe.skipIf(!present)("micrographs of microscopes and programs", () => {
  it("the list is the one that was meant", () => expect(expected).toHaveLength(81));

  it.each(expected.map((entry) => [entry.file, entry] as const))(
    "%s",
    { timeout: 300_000 },
    async (file, entry) => {
      const pictures = (entry.images ?? []).filter(
        (i) => i.width !== undefined && i.samples,
      ) as ExpectedImage[];
      const wanted = pictures.flatMap((i) => i.samples);
      const answer = await describeFile(file, join(folder, file), true, wanted);
      const documentWithSeries = entry.format === "TIA-EMI" && pictures.length > 0;
      if (entry.expect !== "image" && !documentWithSeries) {
        expect(answer.ok).toBe(false);
        if (answer.ok) return;
        expect(["not-a-picture", "unknown-format"]).toContain(answer.error?.code);
        expect(answer.error?.message.length).toBeGreaterThan(30);
        return;
      }
      expect(answer.error).toBeUndefined();
      expect(answer.images).toHaveLength(pictures.length);
      for (const [i, picture] of pictures.entries()) {
        const image = answer.images![i]!;
        const { width, height, frames, dtype } = picture;
        expect(image).toMatchObject({ width, height, frames, dtype });
        const size = picture.nmPerPixel ?? picture.perNmPerPixel;
        expect(image.pixelSize === null).toBe(size === null);
        if (size && image.pixelSize) {
          expect(image.pixelSize.unit).toBe(picture.nmPerPixel ? "nm" : "1/nm");
          expect(image.kind).toBe(picture.nmPerPixel ? "image" : "diffraction");
          close(image.pixelSize.x, size.x, pixelSizeTolerance[file]);
          close(image.pixelSize.y, size.y, pixelSizeTolerance[file]);
        }
        const lossy = entry.format === "JPEG" || (entry.format === "TIFF" && dtype === "uint8 x 3 samples");
        if (lossy) {
          expect(Math.abs(image.stats!.min! - picture.min)).toBeLessThanOrEqual(jpegTolerance);
          expect(Math.abs(image.stats!.max! - picture.max)).toBeLessThanOrEqual(jpegTolerance);
          expect(Math.abs(image.stats!.mean! - picture.mean)).toBeLessThanOrEqual(0.5);
        } else {
          close(image.stats!.min!, picture.min);
          close(image.stats!.max!, picture.max);
          close(image.stats!.mean!, picture.mean);
        }
        for (const sample of picture.samples) {
          const read = image.samples!.find(
            (s) => s.frame === sample.frame && s.x === sample.x && s.y === sample.y,
          )!;
          const [actual, wantedValues] = [[read.value].flat(), [sample.value].flat()];
          expect(actual).toHaveLength(wantedValues.length);
          for (const [c, value] of wantedValues.entries())
            if (lossy) expect(Math.abs(Number(actual[c]) - Number(value))).toBeLessThanOrEqual(jpegTolerance);
            else if (typeof value === "string") expect(actual[c]).toBe(value);
            else close(Number(actual[c]), Number(value));
        }
      }
    },
  );
});
