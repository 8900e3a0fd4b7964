import type { Annotation, AnnotationKind } from "#core/schema/annotation.ts";

const kindWords: Readonly<Record<AnnotationKind, string>> = {
  region: "Region",
  "interface-trace": "Interface trace",
  gap: "Gap",
  "measurement-line": "Line",
  wire: "Wire",
  "profile-line": "Profile line",
  "irradiated-area": "Irradiated area",
  ring: "Ring",
  spot: "Spot",
  arc: "Arc",
  point: "Point",
  text: "Text",
  arrow: "Arrow",
  pin: "Pin",
  scope: "Scope",
};

/** What a mark is called in a list: its own name, else what it is and whose surface it follows. */
export function nameOf(annotation: Annotation, interfaceName?: string): string {
  if (annotation.name) return annotation.name;
  if (annotation.kind === "interface-trace") {
    const side = annotation.body ? `${annotation.body} side` : "trace";
    return interfaceName ? `${interfaceName}, ${side}` : `Trace, ${side}`;
  }
  return kindWords[annotation.kind];
}

/** A trace below the heading of its interface: whose surface it follows is all there is to add. */
export function sideOf(mark: Annotation): string {
  if (mark.name) return mark.name;
  if (mark.kind !== "interface-trace") return nameOf(mark);
  return mark.body ? `${mark.body} side` : "side not said";
}

export function kindName(kind: AnnotationKind): string {
  return kindWords[kind];
}

/** "gap_mean" → "gap mean" */
export function quantityWords(quantity: string): string {
  return quantity.replaceAll("_", " ").replace("p5", "P5").replace("p95", "P95");
}
