import { z } from "zod";
import { contents } from "#core/micrograph/content.ts";

/** Shapes of what people know about micrographs: specimen, session, series, state; proposals; the same picture twice. */

const id = z.string().regex(/^[A-Za-z0-9_-]{8,40}$/);
const words = z.string().trim().min(1).max(200);
const maybeWords = z.string().trim().min(1).max(200).nullable();

/** Something that path, name or tags seem to say; shown as a proposal until a person says so. */
export const recordProposal = z.object({
  field: z.enum([
    "specimen",
    "instrument",
    "holder",
    "operator",
    "date",
    "series",
    "object",
    "label",
    "order",
    "elapsedS",
    "cycle",
    "step",
    "clockTime",
    "condition",
  ]),
  value: z.union([z.string(), z.number()]),
  quantity: z.string().optional(),
  unit: z.string().optional(),
  /** Which folder, file name or tag, and the very words. */
  source: z.object({
    kind: z.enum(["folder", "file-name", "tag", "watched-folder"]),
    at: z.string(),
    text: z.string(),
  }),
});

/** What was put into the microscope. Empty fields are unknown. */
export const specimen = z.object({
  id,
  name: words,
  form: z.enum(["batch", "grid", "lamella", "chip", "other"]).nullable(),
  note: z.string().max(10_000),
});

/** One sitting at one instrument. `startedAt` and `endedAt`: ISO 8601, a day or a moment. */
export const instrumentSession = z.object({
  id,
  instrument: maybeWords,
  holder: maybeWords,
  operator: maybeWords,
  startedAt: maybeWords,
  endedAt: maybeWords,
});

/** State of the object in one member of a series; times of the reaction and of the clock are different fields. */
export const describedState = z.object({
  label: z.string().trim().max(200),
  order: z.number(),
  cycle: z.number().int().nullable().default(null),
  step: maybeWords.default(null),
  elapsedS: z.number().nullable().default(null),
  clockTime: maybeWords.default(null),
  conditions: z
    .array(z.object({ quantity: words, value: z.number(), unit: z.string().max(40) }))
    .max(50)
    .default([]),
  basis: z.string().max(1000).default(""),
});

/** What a person says of one micrograph: an absent field stays as it is, null empties it. */
export const description = z.object({
  micrographId: id,
  /** By its name in the project; a new name makes a new specimen. */
  specimen: words.nullable().optional(),
  /** The same instrument, holder, operator and day are the same session. */
  session: instrumentSession.omit({ id: true }).partial().nullable().optional(),
  /** By its name and object; a new one is made. */
  series: z
    .object({ name: words, objectName: z.string().trim().max(80) })
    .nullable()
    .optional(),
  state: describedState.nullable().optional(),
  /** True: what is left of the proposals is dismissed. */
  settled: z.boolean().default(true),
});

/** POST /projects/:id/records */
export const recordsCommand = z.discriminatedUnion("type", [
  /** One row a micrograph; all of them or none. */
  z.object({ type: z.literal("describe"), rows: z.array(description).min(1).max(5000) }),
  z.object({ type: z.literal("put-specimen"), specimen }),
  z.object({
    type: z.literal("set-content"),
    micrographIds: z.array(id).min(1).max(5000),
    content: z.enum(contents),
  }),
  /** These are one picture saved several times. */
  z.object({ type: z.literal("same-picture"), micrographIds: z.array(id).min(2).max(100) }),
  /** This one is a picture of its own. */
  z.object({ type: z.literal("other-picture"), micrographId: id }),
]);

/** GET /projects/:id/records: everything the table of records shows. */
export const projectRecords = z.object({
  specimens: z.array(specimen),
  sessions: z.array(instrumentSession),
  rows: z.array(
    z.object({
      micrographId: id,
      name: z.string(),
      /** Where the file lay in the folder that was handed in. */
      path: z.string(),
      specimenId: id.nullable(),
      sessionId: id.nullable(),
      seriesId: id.nullable(),
      state: describedState.nullable(),
      /** Who last described it; null: nobody yet. */
      describedBy: z.string().nullable(),
      describedAt: z.string().nullable(),
      proposals: z.array(recordProposal),
    }),
  ),
});

/** One picture saved several times; the richest of them leads. `decidedBy`: "pixels" or a person's id. */
export const samePicture = z.object({
  leadId: id,
  others: z.array(z.object({ micrographId: id, fileName: z.string() })),
  decidedBy: z.string(),
});

/** GET /projects/:id/search?words=… : which words stand in the vendor tags of which micrograph. */
export const tagSearch = z.object({
  words: z.array(z.string()),
  matches: z.array(
    z.object({
      micrographId: id,
      /** Indices into `words`. */
      words: z.array(z.number()),
      /** Some of the tags where they stand. */
      tags: z.array(z.object({ path: z.string(), value: z.string() })),
    }),
  ),
});

export type RecordProposalShape = z.infer<typeof recordProposal>;
export type SpecimenShape = z.infer<typeof specimen>;
export type SessionShape = z.infer<typeof instrumentSession>;
export type DescribedState = z.infer<typeof describedState>;
export type Description = z.input<typeof description>;
export type RecordsCommand = z.input<typeof recordsCommand>;
export type ProjectRecordsShape = z.infer<typeof projectRecords>;
export type SamePictureShape = z.infer<typeof samePicture>;
export type TagSearchShape = z.infer<typeof tagSearch>;
