import type { AnnotationKind, Body } from "#core/schema/annotation.ts";
import type { AnnotationClass, LinePattern } from "#core/schema/annotation-class.ts";

export interface MarkStyle {
  readonly key: string;
  readonly colour: string;
  /** Screen px. */
  readonly dash: readonly number[];
  readonly double: boolean;
}

const dashes: Readonly<Record<LinePattern, readonly number[]>> = {
  solid: [],
  dashed: [7, 4],
  dotted: [1.5, 4],
  "dash-dot": [8, 3.5, 1.5, 3.5],
  "long-dash": [14, 5],
  double: [],
};

/** Unclassified marks: a colour no class of the default palette has; the two sides of an interface stay apart. */
const unclassified = "#e8ecef";
export const bodyColours: Readonly<Record<Body, string>> = {
  substrate: "#56b4e9",
  film: "#f0a63c",
  core: "#56b4e9",
  other: "#e8ecef",
};

export function createStyles(classes: readonly AnnotationClass[]) {
  const byClass = new Map(classes.map((c) => [c.id, c]));
  return (kind: AnnotationKind, classId: string | null, body: Body | null): MarkStyle => {
    const known = classId === null ? undefined : byClass.get(classId);
    if (known) {
      return {
        key: `${known.colour} ${known.pattern}`,
        colour: known.colour,
        dash: dashes[known.pattern],
        double: known.pattern === "double",
      };
    }
    const colour =
      kind === "interface-trace" && body ? bodyColours[body] : kind === "pin" ? "#f5c542" : unclassified;
    return { key: colour, colour, dash: [], double: false };
  };
}

export type StyleOf = ReturnType<typeof createStyles>;
