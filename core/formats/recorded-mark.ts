/**
 * A mark that another program wrote into a file: offered to people as a suggestion, never drawn by itself. Points in
 * full-resolution image pixels, origin at the outer corner of pixel (0, 0).
 */
export interface RecordedMark {
  readonly kind: "measurement-line" | "arrow" | "region" | "text" | "point" | "interface-trace";
  readonly closed: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** What it was called, or the words of a text; empty where nothing was written. */
  readonly label: string;
  /** Frame it belongs to; "all" where the file does not tie it to one. */
  readonly frame: number | "all";
  /** Program and place in the file: "DigitalMicrograph, DocumentObjectList.0.AnnotationGroupList.2". */
  readonly from: string;
}

/** More are not offered: nobody would look at them. */
export const mostRecordedMarks = 2000;
const ellipseVertices = 48;

/** An ellipse within a rectangle as a polygon whose vertices lie on it. */
export function ellipseIn(
  left: number,
  top: number,
  right: number,
  bottom: number,
): readonly [number, number][] {
  const [cx, cy] = [(left + right) / 2, (top + bottom) / 2];
  return Array.from({ length: ellipseVertices }, (_, i) => {
    const angle = (2 * Math.PI * i) / ellipseVertices;
    return [cx + ((right - left) / 2) * Math.cos(angle), cy + ((bottom - top) / 2) * Math.sin(angle)];
  });
}

/** The four corners of a rectangle, clockwise from the upper left. */
export function cornersOf(
  left: number,
  top: number,
  right: number,
  bottom: number,
): readonly [number, number][] {
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}

/** A mark is offered where all of its points are numbers and some of it lies on the picture. */
export function isOnPicture({ points }: RecordedMark, width: number, height: number): boolean {
  const finite = points.every(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  return finite && points.some(([x, y]) => x >= 0 && y >= 0 && x <= width && y <= height);
}
