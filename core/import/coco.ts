import { z } from "zod";
import { outlineOfMask } from "#core/geometry/mask-outline.ts";
import { decodeCounts, type RunLengthMask } from "#core/geometry/run-length-mask.ts";
import type { NewAnnotation } from "#core/schema/annotation.ts";
import { ImportError, type Importer, parseJson } from "./importer.ts";

const segmentation = z.union([
  z.array(z.array(z.number())),
  z.object({ counts: z.union([z.string(), z.array(z.number())]), size: z.tuple([z.number(), z.number()]) }),
]);
const document = z.looseObject({
  images: z.array(
    z.looseObject({ id: z.number(), file_name: z.string(), width: z.number(), height: z.number() }),
  ),
  annotations: z.array(z.unknown()),
  categories: z.array(z.looseObject({ id: z.number(), name: z.string() })),
});
const annotationRow = z.looseObject({
  image_id: z.number(),
  category_id: z.number(),
  segmentation: segmentation.optional(),
  keypoints: z.array(z.number()).optional(),
  iscrowd: z.number().optional(),
});

type Rings = NewAnnotation["rings"];

/**
 * COCO instances: polygons, run-length masks as lists or strings, two-point keypoint lines. Missing `iscrowd`, `area` and
 * extra keys are fine. Ignore regions (`iscrowd: 1`) are not marks and are listed. Classes come by name.
 */
export const cocoImporter: Importer = {
  id: "coco",
  name: "COCO instances",
  sniff: (text) =>
    text.includes('"annotations"') && text.includes('"categories"') && text.includes('"images"'),
  import(text, { source }) {
    const parsed = document.safeParse(parseJson(text));
    if (!parsed.success) {
      throw new ImportError(
        "not-this-format",
        `Expected a COCO file with images, annotations and categories: ${z.prettifyError(parsed.error)}`,
      );
    }
    const categories = new Map(parsed.data.categories.map(({ id, name }) => [id, name]));
    const failed: { what: string; reason: string }[] = [];
    const marks = new Map<number, { id: null; annotation: NewAnnotation }[]>();
    parsed.data.annotations.forEach((raw, i) => {
      const what = `annotation ${i + 1}`;
      const read = annotationRow.safeParse(raw);
      if (!read.success) {
        failed.push({ what, reason: z.prettifyError(read.error) });
        return;
      }
      const row = read.data;
      if (row.iscrowd === 1) {
        failed.push({ what, reason: "An ignore region (iscrowd 1) says what is unknown and is not a mark." });
        return;
      }
      try {
        const shape = shapeOf(row);
        const annotation: NewAnnotation = {
          ...shape,
          classId: null,
          name: categories.get(row.category_id) ?? "",
          origin: [{ by: "imported", tool: "coco", version: "1", source }],
        };
        marks.set(row.image_id, [...(marks.get(row.image_id) ?? []), { id: null, annotation }]);
      } catch (error) {
        failed.push({ what, reason: (error as Error).message });
      }
    });
    return {
      classes: [],
      interfaces: [],
      micrographs: parsed.data.images.map(({ id, file_name, width, height }) => ({
        key: file_name,
        name: file_name,
        width,
        height,
        marks: marks.get(id) ?? [],
      })),
      failed,
    };
  },
};

function shapeOf(row: z.infer<typeof annotationRow>): { kind: NewAnnotation["kind"]; rings: Rings } {
  if (row.keypoints && row.keypoints.length >= 6) {
    const points: [number, number][] = [];
    for (let i = 0; i + 2 < row.keypoints.length; i += 3) {
      if (row.keypoints[i + 2]! > 0) points.push([row.keypoints[i]!, row.keypoints[i + 1]!]);
    }
    const kind = points.length === 2 ? "measurement-line" : "interface-trace";
    return { kind, rings: [{ closed: false, hole: false, points }] };
  }
  const shape = row.segmentation;
  if (!shape || (Array.isArray(shape) && shape.length === 0))
    throw new RangeError("Neither a segmentation nor keypoints.");
  if (Array.isArray(shape)) return { kind: "region", rings: shape.map(polygon) };
  const counts = typeof shape.counts === "string" ? decodeCounts(shape.counts) : shape.counts;
  const [height, width] = shape.size;
  const total = counts.reduce((a, b) => a + b, 0);
  if (total !== width * height || counts.some((c) => c < 0)) {
    throw new RangeError(
      `Runs add up to ${total}, expected ${height} × ${width} = ${width * height} pixels.`,
    );
  }
  const mask: RunLengthMask = { size: [height, width], counts };
  return { kind: "region", rings: outlineOfMask(mask).map((ring) => ({ closed: true, ...ring })) };
}

function polygon(xy: readonly number[]): Rings[number] {
  if (xy.length < 6 || xy.length % 2 !== 0) {
    throw new RangeError(`Expected x, y pairs of at least three points, received ${xy.length} numbers.`);
  }
  const points: [number, number][] = [];
  for (let i = 0; i < xy.length; i += 2) points.push([xy[i]!, xy[i + 1]!]);
  return { closed: true, hole: false, points };
}
