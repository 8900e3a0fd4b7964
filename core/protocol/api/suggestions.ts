import { z } from "zod";

/** Shapes of /micrographs/:id/suggestions: marks that another program left in the file. */

const suggestionId = z.string().regex(/^[A-Za-z0-9_-]{8,40}$/);

export const suggestion = z.object({
  /** Becomes the annotation's id when somebody takes it over. */
  id: suggestionId,
  kind: z.enum(["measurement-line", "arrow", "region", "text", "point", "interface-trace"]),
  closed: z.boolean(),
  /** Full-resolution image px. */
  points: z.array(z.tuple([z.number(), z.number()])),
  label: z.string(),
  frame: z.union([z.number(), z.literal("all")]),
  /** Program and place in the file. */
  from: z.string(),
  state: z.enum(["open", "accepted", "dismissed"]),
  decidedBy: z.string().nullable(),
  decidedAt: z.string().nullable(),
});

/** GET /micrographs/:id/suggestions */
export const suggestions = z.object({ suggestions: z.array(suggestion) });

/** POST /micrographs/:id/suggestions: takes marks over into the annotations, or sets them aside. */
export const decideSuggestions = z.object({
  accept: z.array(suggestionId).max(2000).default([]),
  dismiss: z.array(suggestionId).max(2000).default([]),
});

export type SuggestionShape = z.infer<typeof suggestion>;
export type DecideSuggestions = z.input<typeof decideSuggestions>;
