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
  // A large room is grouped again with every change: nothing is searched, and nothing made, for each mark.
  const classById = new Map(classes.map((entry) => [entry.id, entry]));
  const byInterface = new Map<string | null, Annotation[]>();
  const byClass = new Map<AnnotationClass | null, Annotation[]>();
  const lines: Annotation[] = [];
  const pins: Annotation[] = [];
  const others: Annotation[] = [];
  for (const mark of annotations) {
    const { kind, interfaceId } = mark;
    const annotationClass = (mark.classId !== null && classById.get(mark.classId)) || null;
    if (kind === "interface-trace" || (kind === "gap" && interfaceId !== null)) {
      listAt(byInterface, interfaceId).push(mark);
    } else if (kind === "pin") pins.push(mark);
    else if (annotationClass || kind === "region") listAt(byClass, annotationClass).push(mark);
    else if (lineKinds.has(kind)) lines.push(mark);
    else others.push(mark);
  }

  const recordById = new Map(interfaces.map((record) => [record.id, record]));
  const groups: MarkGroup[] = [];
  for (const [id, marks] of byInterface) {
    marks.sort((a, b) => rankOf(a) - rankOf(b));
    const record = (id !== null && recordById.get(id)) || null;
    groups.push({ key: `interface ${id ?? ""}`, is: "interface", id, record, marks });
  }
  for (const [annotationClass, marks] of byClass) {
    groups.push({ key: `class ${annotationClass?.id ?? ""}`, is: "class", annotationClass, marks });
  }
  for (const [is, marks] of [
    ["lines", lines],
    ["pins", pins],
    ["others", others],
  ] as const) {
    if (marks.length > 0) groups.push({ key: is, is, marks });
  }
  return groups.sort(
    (a, b) => placeOf(a, classes) - placeOf(b, classes) || titleOf(a).localeCompare(titleOf(b)),
  );
}

function listAt<Key>(lists: Map<Key, Annotation[]>, key: Key): Annotation[] {
  let list = lists.get(key);
  if (!list) {
    list = [];
    lists.set(key, list);
  }
  return list;
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
