import type { AnnotationCommand } from "#core/document/commands.ts";

export type Outline = readonly (readonly [number, number])[];

/** The mark that benches draw: a delaminated region as a person outlines it. */
export function drawRegion(id: string, points: Outline): AnnotationCommand {
  return {
    type: "create",
    id,
    annotation: {
      kind: "region",
      classId: "delamination",
      drawnOn: { signal: "0", frame: 0, window: [120, 48_000] },
      drawnAt: "2026-03-01T10:00:00.000Z",
      origin: [{ by: "drawn", tool: "polygon", version: "1" }],
      rings: [{ closed: true, hole: false, points }],
    },
  };
}

export const regionVertices = 20;

/** Somewhere on a picture of 4096 × 3072 px, about 80 px in radius. */
export function randomOutline(random: () => number): Outline {
  const [cx, cy] = [random() * 4096, random() * 3072];
  return Array.from({ length: regionVertices }, (_, i) => {
    const angle = (2 * Math.PI * i) / regionVertices;
    const radius = 60 + 40 * random();
    return [cx + radius * Math.cos(angle), cy + radius * Math.sin(angle)] as const;
  });
}
