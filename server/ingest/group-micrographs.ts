import type { SourceImage } from "#core/formats/reader.ts";
import type { Content } from "#core/micrograph/content.ts";
import { paletteText } from "#core/pyramid/palette.ts";
import { chooseTileEncoding } from "#core/pyramid/tile-type.ts";
import type { NewMicrograph } from "./micrograph-catalogue.ts";
import type { SignalRecord } from "./micrograph-rows.ts";
import { complexNotes } from "./signal-notes.ts";
import { openSuggestions } from "./suggestions.ts";

/** A source image as a worker describes it: everything but the ways to its pixels. */
export type DescribedImage = Omit<SourceImage, "readRegion" | "reductions">;

/**
 * One micrograph for each pixel grid of a file. Images are signals of one grid when width, height, frames, kind and
 * calibration are the same: then a mark on one is in the same place on all. Order is the file's.
 *
 * @param fileName shown name of the file, with its ending
 */
export function groupMicrographs(
  fileName: string,
  images: readonly DescribedImage[],
): readonly NewMicrograph[] {
  const numbered = images.map((image, imageIndex) => ({ image, imageIndex }));
  const groups = [...Map.groupBy(numbered, ({ image }) => gridOf(image)).values()];
  const base = fileName.replace(/\.[^.]{1,12}$/, "") || fileName;
  return groups.map((group, ordinal) => {
    const first = group[0]!.image;
    return {
      name: groups.length === 1 ? base : `${base} · ${first.title || ordinal + 1}`,
      content: contentOf(group.map(({ image }) => image)),
      calibration: first.calibration,
      record: {
        width: first.width,
        height: first.height,
        frames: first.frames,
        frameTimesS: first.frameTimesS ? [...first.frameTimesS] : null,
        dtype: first.sampleType,
        acquisition: { ...first.acquisition } as NewMicrograph["record"]["acquisition"],
        flags: {
          lossy: group.some(({ image }) => image.flags.lossy),
          depthReduced: group.some(({ image }) => image.flags.depthReduced),
          screenshot: group.some(({ image }) => image.flags.screenshot),
        },
        warnings: [...new Set(group.flatMap(({ image }) => [...image.warnings, ...complexNotes(image)]))],
      },
      signals: group.map(({ image, imageIndex }, i) => underivedSignal(image, imageIndex, i)),
      suggestions: openSuggestions(group.flatMap(({ image }) => image.recordedMarks ?? [])),
    };
  });
}

function gridOf(image: DescribedImage): string {
  return JSON.stringify([image.width, image.height, image.frames, image.kind, image.calibration]);
}

function contentOf(images: readonly DescribedImage[]): Content {
  if (images.some((image) => image.kind === "diffraction")) return "diffraction";
  return images.every((image) => image.acquisition.signal?.value === "element-map") ? "element-map" : "image";
}

/** A signal before its pixels were read: nothing is known of its values, and `derivation` says so. */
function underivedSignal(image: DescribedImage, imageIndex: number, i: number): SignalRecord {
  const { tileType, tileScale } = chooseTileEncoding({
    sampleType: image.sampleType,
    samplesPerPixel: image.samplesPerPixel,
    frames: image.frames,
    min: 0,
    max: 0,
    fitsFloat32: true,
  });
  return {
    id: String(i),
    title: image.title,
    sampleType: image.sampleType,
    samplesPerPixel: image.samplesPerPixel,
    tileType,
    tileScale,
    window: { low: 0, high: 1 },
    range: { min: 0, max: 0, mean: 0 },
    histogram: [],
    invert: image.display?.invert ?? false,
    ...(image.display?.palette && tileType === "u8" ? { palette: paletteText(image.display.palette) } : {}),
    derivation: null,
    imageIndex,
    ...(image.followsOrientation ? { followsOrientation: true } : {}),
  };
}
