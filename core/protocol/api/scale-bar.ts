import { z } from "zod";

const point = z.object({ x: z.number(), y: z.number() });

/** A scale bar found in the pixels; positions in image px. Calibrates nothing until a person confirms it. */
export const foundScaleBar = z.object({
  p: point,
  q: point,
  endUPx: z.number().positive(),
  lettering: z
    .object({
      value: z.number().positive(),
      unit: z.enum(["pm", "Å", "nm", "µm", "mm", "1/nm"]),
      score: z.number().min(0).max(1),
    })
    .optional(),
});

/** `searched` is false while the pixels are being prepared; then `null` says nothing yet. */
export const scaleBarAnswer = z.object({ searched: z.boolean(), scaleBar: foundScaleBar.nullable() });

export type ScaleBarAnswer = z.infer<typeof scaleBarAnswer>;
