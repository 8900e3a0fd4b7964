import type { Annotation } from "#core/schema/annotation.ts";
import type { AnnotationClass } from "#core/schema/annotation-class.ts";
import type { InterfaceRecord } from "#core/schema/records/interface.ts";

/** One heading of the list of marks, and the marks below it. */
export type MarkGroup = { readonly key: string; readonly marks: readonly Annotation[] } & (
  | { readonly is: "interface"; readonly id: string | null; readonly record: InterfaceRecord | null }
  | { readonly is: "class"; readonly annotationClass: AnnotationClass | null }
  | { readonly is: "lines" | "pins" | "others" }
);

const bodyOrder = ["substrate", "core", "film", "other"];
const lineKinds = new Set(["measurement-line", "profile-line", "wire", "gap", "arc"]);

/**
 * The marks as people speak of them: the surfaces of an interface together, substrate first; regions by class in the order
 * of the project's classes; then lines, pins, and whatever else was drawn. Gap marks stand with the interface they belong to.
 */
export function groupMarks(
  annotations: Iterable<Annotation>,
  classes: readonly AnnotationClass[],
  interfaces: readonly InterfaceRecord[],
): readonly MarkGroup[] {
  const groups = new Map<string, { group: MarkGroup; marks: Annotation[] }>();
  for (const mark of annotations) {
    const heading = headingOf(mark, classes, interfaces);
    const known = groups.get(heading.key);
    if (known) known.marks.push(mark);
    else {
      const marks = [mark];
      groups.set(heading.key, { group: { ...heading, marks }, marks });
    }
  }
  for (const { group, marks } of groups.values()) {
    if (group.is === "interface") marks.sort((a, b) => rankOf(a) - rankOf(b));
  }
  return [...groups.values()]
    .map(({ group }) => group)
    .sort((a, b) => placeOf(a, classes) - placeOf(b, classes) || titleOf(a).localeCompare(titleOf(b)));
}

function headingOf(
  mark: Annotation,
  classes: readonly AnnotationClass[],
  interfaces: readonly InterfaceRecord[],
): MarkGroup {
  const { kind, classId, interfaceId } = mark;
  const marks: readonly Annotation[] = [];
  if (kind === "interface-trace" || (kind === "gap" && interfaceId !== null)) {
    const record = interfaces.find(({ id }) => id === interfaceId) ?? null;
    return { key: `interface ${interfaceId ?? ""}`, is: "interface", id: interfaceId, record, marks };
  }
  if (kind === "pin") return { key: "pins", is: "pins", marks };
  const annotationClass = classes.find(({ id }) => id === classId) ?? null;
  if (annotationClass || kind === "region") {
    return { key: `class ${annotationClass?.id ?? ""}`, is: "class", annotationClass, marks };
  }
  return lineKinds.has(kind) ? { key: "lines", is: "lines", marks } : { key: "others", is: "others", marks };
}

export function titleOf(group: MarkGroup): string {
  switch (group.is) {
    case "interface":
      return (
        group.record?.name ?? (group.id === null ? "Traces of no interface" : "Interface without a name")
      );
    case "class":
      return group.annotationClass?.name ?? "Regions without a class";
    case "lines":
      return "Lines";
    case "pins":
      return "Pins";
    case "others":
      return "Other marks";
  }
}

function placeOf(group: MarkGroup, classes: readonly AnnotationClass[]): number {
  if (group.is === "interface") return group.id === null ? 1 : 0;
  if (group.is === "class") {
    const at = classes.findIndex(({ id }) => id === group.annotationClass?.id);
    return at < 0 ? 1000 : 2 + at;
  }
  return group.is === "lines" ? 2000 : group.is === "pins" ? 3000 : 4000;
}

function rankOf({ body }: Annotation): number {
  const rank = body === null ? -1 : bodyOrder.indexOf(body);
  return rank < 0 ? bodyOrder.length : rank;
}
