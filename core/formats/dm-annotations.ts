import { type DmGroup, type DmNode, dmAt, dmChildren, dmNumber, dmText, isGroup } from "./dm-tags.ts";
import { cornersOf, ellipseIn, mostRecordedMarks, type RecordedMark } from "./recorded-mark.ts";

/** DigitalMicrograph's numbers of what lies on an image display; scale bars, masks and pictures are not marks. */
const types = {
  line: 2,
  arrow: 3,
  doubleArrow: 4,
  box: 5,
  oval: 6,
  text: 13,
  group: 17,
  imageDisplay: 20,
  boxRoi: 23,
  lineRoi: 25,
  pointRoi: 27,
} as const;
const deepest = 16;

/**
 * Lines, arrows, boxes, ovals, texts and regions of interest that somebody put on a picture in DigitalMicrograph, by the
 * index of the picture in ImageList. `Rectangle` is top, left, bottom, right in image pixels; of a line it is its start
 * and its end. Kinds that are not known are passed over: they stay among the tags.
 * Source: DigitalMicrograph's scripting documentation (component types); files of the test collection.
 */
export function dmAnnotations(root: DmGroup): ReadonlyMap<number, readonly RecordedMark[]> {
  const found = new Map<number, RecordedMark[]>();
  const objects = dmAt(root, "DocumentObjectList");
  if (!isGroup(objects)) return found;
  for (const [name, object] of objects.children) {
    if (!isGroup(object) || dmNumber(object, "AnnotationType") !== types.imageDisplay) continue;
    const image = shownImage(root, dmNumber(object, "ImageSource"));
    if (image === undefined) continue;
    const marks = found.get(image) ?? [];
    collect(dmAt(object, "AnnotationGroupList"), `DocumentObjectList.${name}.AnnotationGroupList`, marks, 0);
    if (marks.length > 0) found.set(image, marks);
  }
  return found;
}

/** The picture behind an image display: its source names it. */
function shownImage(root: DmGroup, source: number | undefined): number | undefined {
  const sources = dmChildren(dmAt(root, "ImageSourceList"));
  const own = sources.find((one) => dmNumber(one, "Id", "0") === source) ?? sources[source ?? -1];
  return dmNumber(own, "ImageRef");
}

function collect(list: DmNode | undefined, path: string, marks: RecordedMark[], depth: number): void {
  if (!isGroup(list) || depth > deepest) return;
  for (const [name, annotation] of list.children) {
    if (!isGroup(annotation) || marks.length >= mostRecordedMarks) continue;
    const place = `${path}.${name}`;
    if (dmNumber(annotation, "AnnotationType") === types.group)
      collect(dmAt(annotation, "AnnotationGroupList"), `${place}.AnnotationGroupList`, marks, depth + 1);
    const mark = markOf(annotation, `DigitalMicrograph, ${place}`);
    if (mark) marks.push(mark);
  }
}

function markOf(annotation: DmGroup, from: string): RecordedMark | undefined {
  const rectangle = dmAt(annotation, "Rectangle");
  if (!Array.isArray(rectangle) || rectangle.length !== 4) return undefined;
  const [top, left, bottom, right] = rectangle as unknown as [number, number, number, number];
  const label = (
    dmText(annotation, "Text") ??
    dmText(annotation, "Label") ??
    dmText(annotation, "Name") ??
    ""
  ).trim();
  const mark = (
    kind: RecordedMark["kind"],
    points: RecordedMark["points"],
    closed = false,
  ): RecordedMark => ({ kind, closed, points, label, frame: "all", from });
  const ends = [
    [left, top],
    [right, bottom],
  ] as const;
  switch (dmNumber(annotation, "AnnotationType")) {
    case types.line:
    case types.lineRoi:
    case types.doubleArrow:
      return mark("measurement-line", ends);
    case types.arrow:
      return mark("arrow", ends);
    case types.box:
    case types.boxRoi:
      return mark("region", cornersOf(left, top, right, bottom), true);
    case types.oval:
      return mark("region", ellipseIn(left, top, right, bottom), true);
    case types.text:
      return label === "" ? undefined : mark("text", [[left, top]]);
    case types.pointRoi:
      return mark("point", [[(left + right) / 2, (top + bottom) / 2]]);
    default:
      return undefined;
  }
}
