import { z } from "zod";
import type { NewAnnotation } from "#core/schema/annotation.ts";
import type { AnnotationClass } from "#core/schema/annotation-class.ts";
import { datasetDocument } from "#core/schema/dataset-document.ts";
import { ImportError, type Importer, parseJson } from "./importer.ts";

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const mark = z.looseObject({
  id: z.string().min(1).max(40),
  kind: z.string(),
  classId: z.string().nullable(),
  name: z.string(),
  attributes: z.record(z.string(), scalar),
  parameters: z.record(z.string(), scalar),
  frames: z.union([z.literal("all"), z.tuple([z.number().int(), z.number().int()])]),
  drawnOn: z.looseObject({ signal: z.string(), frame: z.number() }).nullable(),
  objectId: z.string().nullable(),
  interfaceId: z.string().nullable(),
  body: z.string().nullable(),
  origin: z.array(z.looseObject({ by: z.string(), tool: z.string(), version: z.string() })),
  drawnAt: z.string().nullable(),
  outline: z.object({
    rings: z.array(
      z.object({
        closed: z.boolean(),
        hole: z.boolean(),
        vertices: z.array(z.object({ id: z.number(), x: z.number(), y: z.number() })),
      }),
    ),
  }),
});
const document = z.looseObject({
  format: z.literal(datasetDocument.format),
  version: z.number(),
  classes: z.array(z.looseObject({ id: z.string(), name: z.string() })),
  interfaces: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      objectId: z.string().nullable(),
      substrate: z.string(),
      film: z.string(),
    }),
  ),
  micrographs: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      width: z.number(),
      height: z.number(),
      annotations: z.array(z.unknown()),
    }),
  ),
});

/** The native document, read back mark by mark; a mark that is not valid is listed with its reason, the others come in. */
export const lamellaJsonImporter: Importer = {
  id: "lamella-json",
  name: "Lamella JSON",
  sniff: (text) => text.slice(0, 400).includes(`"${datasetDocument.format}"`),
  import(text, { source }) {
    const parsed = document.safeParse(parseJson(text));
    if (!parsed.success) {
      throw new ImportError(
        "not-this-format",
        `Expected a Lamella dataset document: ${z.prettifyError(parsed.error)}`,
      );
    }
    if (parsed.data.version > datasetDocument.version) {
      throw new ImportError(
        "newer-version",
        `Expected a Lamella dataset of version ${datasetDocument.version} or older, received ${parsed.data.version}: import it with a newer Lamella.`,
      );
    }
    const failed: { what: string; reason: string }[] = [];
    const micrographs = parsed.data.micrographs.map(({ id, name, width, height, annotations }) => ({
      key: id,
      name,
      width,
      height,
      marks: annotations.flatMap((raw, i) => {
        const read = mark.safeParse(raw);
        if (!read.success) {
          failed.push({ what: `${name}, mark ${i + 1}`, reason: z.prettifyError(read.error) });
          return [];
        }
        const { id: markId, outline, origin, ...rest } = read.data;
        const annotation = {
          ...rest,
          origin: [
            ...origin,
            { by: "imported", tool: "lamella-json", version: String(parsed.data.version), source },
          ],
          rings: outline.rings.map(({ closed, hole, vertices }) => ({
            closed,
            hole,
            points: vertices.map(({ x, y }) => [x, y] as const),
          })),
        } as unknown as NewAnnotation;
        return [{ id: markId, annotation }];
      }),
    }));
    return {
      classes: parsed.data.classes as unknown as AnnotationClass[],
      interfaces: parsed.data.interfaces,
      micrographs,
      failed,
    };
  },
};
