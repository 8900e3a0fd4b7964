import type { Point } from "#core/geometry/point.ts";
import { createPolyline, walkPolyline } from "#core/geometry/polyline.ts";
import {
  encodeCounts,
  invertMask,
  maskArea,
  maskBox,
  maskOfRings,
  type RunLengthMask,
} from "#core/geometry/run-length-mask.ts";
import { distinctVertices } from "#core/geometry/vertices.ts";
import type { Annotation, Ring } from "#core/schema/annotation.ts";
import { type Dataset, type DatasetMicrograph, imageFileName } from "./dataset.ts";
import { type Exporter, type Fidelity, type ImageRequest, newFidelity } from "./exporter.ts";
import { lamellaJson } from "./lamella-json.ts";
import { datasetManifest } from "./manifest.ts";
import { measurementsCsv } from "./measurements-csv.ts";

interface CocoAnnotation {
  readonly id: number;
  readonly image_id: number;
  readonly category_id: number;
  readonly segmentation:
    | readonly (readonly number[])[]
    | { readonly counts: string; readonly size: readonly [number, number] };
  readonly area: number;
  readonly bbox: readonly number[];
  readonly iscrowd: 0 | 1;
  readonly keypoints?: readonly number[];
  readonly num_keypoints?: number;
  readonly lamella_id: string | null;
}

const tracePoints = 32;
const lineCategory = { name: "measurement line", keypoints: ["start", "end"], skeleton: [[1, 2]] };
const traceCategory = (body: string) => ({
  name: `interface trace (${body})`,
  keypoints: Array.from({ length: tracePoints }, (_, i) => `s${i + 1}`),
  skeleton: Array.from({ length: tracePoints - 1 }, (_, i) => [i + 1, i + 2]),
});

/**
 * COCO instances: regions as polygons, as run-length masks where there are holes; measurement lines and traces as
 * keypoints. Areas and boxes are those of the mask. Pixels outside every scope that declares a class complete are
 * unknown, and leave as `iscrowd: 1`, never as background.
 */
export const cocoExporter: Exporter = {
  id: "coco",
  name: "COCO instances and keypoints",
  losses: [
    "Regions keep their shape: polygons, run-length masks where there are holes.",
    `Interface traces become ${tracePoints} keypoints of equal spacing (approximated); the exact trace is in lamella.json.`,
    "Points, texts, arrows and comments are not carried by COCO; they are in lamella.json.",
    "Pictures leave as 8-bit PNG in the signal's default window, which is recorded in manifest.json.",
  ],
  export(dataset) {
    const fidelity = newFidelity();
    const builder = new CocoBuilder(dataset, fidelity);
    for (const micrograph of dataset.micrographs) builder.add(micrograph);
    return {
      files: [
        { path: "annotations/instances.json", text: JSON.stringify(builder.document()) },
        { path: "lamella.json", text: lamellaJson(dataset) },
        { path: "measurements.csv", text: measurementsCsv(dataset) },
        { path: "manifest.json", text: datasetManifest(dataset, "coco", fidelity, builder.images) },
      ],
      images: builder.images,
      fidelity,
    };
  },
};

class CocoBuilder {
  readonly images: ImageRequest[] = [];
  readonly #dataset: Dataset;
  readonly #fidelity: Fidelity;
  readonly #categories: {
    id: number;
    name: string;
    supercategory: string;
    keypoints?: unknown;
    skeleton?: unknown;
  }[] = [];
  readonly #categoryIds = new Map<string, number>();
  readonly #imageRows: unknown[] = [];
  readonly #annotations: CocoAnnotation[] = [];

  constructor(dataset: Dataset, fidelity: Fidelity) {
    this.#dataset = dataset;
    this.#fidelity = fidelity;
    for (const { id, name, role } of dataset.classes) this.#category(id, { name, supercategory: role });
  }

  document(): unknown {
    return {
      info: {
        description: this.#dataset.projectName,
        version: this.#dataset.version,
        date_created: this.#dataset.exportedAt,
        contributor: "Lamella",
      },
      licenses: [],
      images: this.#imageRows,
      annotations: this.#annotations,
      categories: this.#categories,
    };
  }

  add(micrograph: DatasetMicrograph): void {
    const drop = (id: string, reason: string) => {
      this.#fidelity.dropped++;
      this.#fidelity.notes.push({
        annotationId: id,
        micrographId: micrograph.id,
        outcome: "dropped",
        reason,
      });
    };
    for (const { id, reason } of micrograph.invalid) drop(id, `The record could not be read: ${reason}`);
    const frames = framesShown(micrograph);
    for (const frame of frames) {
      const imageId = this.#imageRows.length + 1;
      const path = imageFileName(micrograph, frame);
      this.images.push({ path, micrographId: micrograph.id, frame, window: micrograph.window });
      this.#imageRows.push({
        id: imageId,
        file_name: path,
        width: micrograph.width,
        height: micrograph.height,
        lamella_micrograph: micrograph.id,
        lamella_frame: frame,
      });
      const shown = micrograph.annotations.filter((a) => onFrame(a, frame));
      for (const annotation of shown) {
        const outcome = this.#mark(annotation, imageId, micrograph);
        // A mark on several frames is one mark: it is counted on the first picture it leaves on.
        if (frames.find((f) => onFrame(annotation, f)) !== frame) continue;
        if (outcome.kind === "exact") this.#fidelity.exact++;
        else if (outcome.kind === "dropped") drop(annotation.id, outcome.reason);
        else {
          this.#fidelity.approximated++;
          const note = { annotationId: annotation.id, micrographId: micrograph.id, reason: outcome.reason };
          this.#fidelity.notes.push({ ...note, outcome: "approximated" });
        }
      }
      this.#unknown(shown, imageId, micrograph);
    }
  }

  #mark(
    annotation: Annotation,
    imageId: number,
    micrograph: DatasetMicrograph,
  ): { kind: "exact" } | { kind: "approximated" | "dropped"; reason: string } {
    switch (annotation.kind) {
      case "region": {
        const rings = annotation.outline.rings.filter((ring) => ring.vertices.length >= 3);
        if (rings.length === 0) return { kind: "dropped", reason: "A region needs three vertices or more." };
        const category = annotation.classId === null ? undefined : this.#categoryIds.get(annotation.classId);
        const categoryId =
          category ?? this.#category("unclassified", { name: "unclassified", supercategory: "other" });
        const mask = maskOfRings(rings.map(flat), micrograph.width, micrograph.height);
        if (maskArea(mask) === 0)
          return { kind: "dropped", reason: "The region covers no pixel of the image." };
        const simple = rings.every((ring) => !ring.hole) && rings.length === 1;
        this.#push(imageId, categoryId, annotation.id, mask, simple ? rings.map(flat) : runLength(mask), 0);
        return { kind: "exact" };
      }
      case "measurement-line": {
        const ring = annotation.outline.rings[0];
        if (!ring || ring.vertices.length < 2)
          return { kind: "dropped", reason: "A line needs two vertices." };
        const ends = [ring.vertices[0]!, ring.vertices.at(-1)!];
        this.#keypoints(imageId, this.#category("measurement-line", lineCategory), annotation.id, ends);
        return ring.vertices.length === 2
          ? { kind: "exact" }
          : { kind: "approximated", reason: "A line of several segments leaves by its two ends." };
      }
      case "interface-trace": {
        const ring = annotation.outline.rings[0];
        if (!ring || distinctVertices(ring.vertices, false).length < 2)
          return { kind: "dropped", reason: "A trace needs two different vertices." };
        const body = annotation.body ?? "other";
        const points = equallySpaced(ring.vertices, tracePoints);
        this.#keypoints(imageId, this.#category(`trace-${body}`, traceCategory(body)), annotation.id, points);
        return {
          kind: "approximated",
          reason: `The trace leaves as ${tracePoints} points of equal spacing.`,
        };
      }
      case "scope":
        return { kind: "exact" };
      default:
        return {
          kind: "dropped",
          reason: `COCO has no place for a ${annotation.kind}; it is in lamella.json.`,
        };
    }
  }

  /** One ignore region a class: everything outside the scopes that declare that class complete. */
  #unknown(shown: readonly Annotation[], imageId: number, micrograph: DatasetMicrograph): void {
    const scopes = shown.filter((a) => a.kind === "scope");
    for (const { id } of this.#dataset.classes) {
      const declared = scopes.filter(({ parameters }) => declaresClass(parameters.classIds, id));
      if (declared.some((scope) => scope.parameters.whole === true)) continue;
      const rings = declared.flatMap((scope) =>
        scope.outline.rings.filter((ring) => ring.vertices.length >= 3),
      );
      const outside = invertMask(maskOfRings(rings.map(flat), micrograph.width, micrograph.height));
      if (maskArea(outside) > 0)
        this.#push(imageId, this.#categoryIds.get(id)!, null, outside, runLength(outside), 1);
    }
  }

  #category(
    key: string,
    category: { name: string; supercategory?: string; keypoints?: unknown; skeleton?: unknown },
  ): number {
    const known = this.#categoryIds.get(key);
    if (known !== undefined) return known;
    const id = this.#categories.length + 1;
    this.#categories.push({ id, supercategory: "measurement", ...category });
    this.#categoryIds.set(key, id);
    return id;
  }

  #push(
    imageId: number,
    categoryId: number,
    lamellaId: string | null,
    mask: RunLengthMask,
    segmentation: CocoAnnotation["segmentation"],
    iscrowd: 0 | 1,
  ): void {
    this.#annotations.push({
      id: this.#annotations.length + 1,
      image_id: imageId,
      category_id: categoryId,
      segmentation,
      area: maskArea(mask),
      bbox: maskBox(mask),
      iscrowd,
      lamella_id: lamellaId,
    });
  }

  #keypoints(
    imageId: number,
    categoryId: number,
    lamellaId: string,
    points: readonly { x: number; y: number }[],
  ): void {
    const xs = points.map((p) => p.x);
    const ys = points.map((p) => p.y);
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    const [width, height] = [Math.max(...xs) - left, Math.max(...ys) - top];
    this.#annotations.push({
      id: this.#annotations.length + 1,
      image_id: imageId,
      category_id: categoryId,
      segmentation: [],
      area: fixed(width * height),
      bbox: [left, top, width, height].map(fixed),
      iscrowd: 0,
      keypoints: points.flatMap((p) => [fixed(p.x), fixed(p.y), 2]),
      num_keypoints: points.length,
      lamella_id: lamellaId,
    });
  }
}

/** Frames that leave as pictures: those that carry marks, or the first. */
function framesShown(micrograph: DatasetMicrograph): number[] {
  const frames = new Set<number>([0]);
  for (const { frames: range } of micrograph.annotations) {
    if (range === "all") continue;
    for (let f = range[0]; f <= Math.min(range[1], micrograph.frames - 1); f++) frames.add(f);
  }
  return [...frames].sort((a, b) => a - b);
}

const onFrame = ({ frames }: Annotation, frame: number) =>
  frames === "all" || (frames[0] <= frame && frame <= frames[1]);

/** A scope names its classes as a comma-separated list, or "*" for all. */
function declaresClass(classIds: unknown, id: string): boolean {
  return typeof classIds === "string" && (classIds === "*" || classIds.split(",").includes(id));
}

const fixed = (value: number) => Math.round(value * 1000) / 1000;
const flat = (ring: Ring) => ring.vertices.flatMap(({ x, y }) => [fixed(x), fixed(y)]);
const runLength = (mask: RunLengthMask) => ({ counts: encodeCounts(mask.counts), size: mask.size });

/** Points from the first vertex to the last, at equal distances along the line. */
function equallySpaced(vertices: readonly Point[], count: number): Point[] {
  const line = createPolyline(vertices);
  const walk = walkPolyline(line);
  return Array.from({ length: count }, (_, i) => {
    const point = { x: 0, y: 0 };
    walk((line.length * i) / (count - 1), point);
    return point;
  });
}
