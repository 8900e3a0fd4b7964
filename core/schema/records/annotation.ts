import { z } from "zod";
import { recordId } from "../ids.ts";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const scalars = z.record(z.string().min(1).max(80), scalar);
const frame = z.number().int().min(0);

/** One step of how a mark came to be. */
export const originStep = z.object({
  by: z.enum(["drawn", "live-wire", "snapped", "propagated", "computed", "imported", "model"]),
  tool: z.string(),
  version: z.string(),
  source: z.string().optional(),
  score: z.number().min(0).max(1).optional(),
  takenOverBy: z.string().optional(),
});

/** A mark without its outline: what the document decodes from small keys. `parameters` are its kind's to validate. */
export const annotationFields = z.object({
  kind: z.string().min(1),
  classId: recordId.nullable(),
  name: z.string().max(10_000),
  attributes: scalars,
  parameters: scalars,
  frames: z.union([
    z.literal("all"),
    z.tuple([frame, frame]).refine(([a, b]) => a <= b, { message: "first frame after the last" }),
  ]),
  drawnOn: z
    .object({ signal: z.string(), frame, window: z.tuple([z.number(), z.number()]).nullable() })
    .nullable(),
  objectId: recordId.nullable(),
  interfaceId: recordId.nullable(),
  body: z.enum(["substrate", "film", "core", "other"]).nullable(),
  origin: z.array(originStep).min(1),
  order: z.string().min(1).max(200),
  locked: z.boolean(),
  deleted: z.boolean(),
  drawnAt: z.string().nullable(),
});

/** A mark in native JSON, as `GET …/annotations` gives it and `POST …/annotations` takes it. */
export const validator = annotationFields.extend({
  id: recordId,
  outline: z.object({
    rings: z.array(
      z.object({
        closed: z.boolean(),
        hole: z.boolean(),
        vertices: z.array(z.object({ id: z.number().int().min(0), x: z.number(), y: z.number() })),
      }),
    ),
  }),
  authorClient: z.number().int().min(0),
});
