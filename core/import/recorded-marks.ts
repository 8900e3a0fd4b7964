import type { RecordedMark } from "#core/formats/recorded-mark.ts";
import type { NewAnnotation } from "#core/schema/annotation.ts";

/**
 * A mark that another program left in a file, as an annotation of whoever takes it over: imported, with the file, the
 * program and the place in it. It has no class and no interface: the file does not say what it means. Names are cut at
 * 10,000 characters, the document's limit.
 *
 * @param fileName of the file it was found in
 * @param principalId who takes it over
 */
export function asAnnotation(mark: RecordedMark, fileName: string, principalId: string): NewAnnotation {
  const [program = "", place = ""] = mark.from.split(/, (.*)/);
  return {
    kind: mark.kind,
    name: mark.label.slice(0, 10_000),
    frames: mark.frame === "all" ? "all" : [mark.frame, mark.frame],
    origin: [
      {
        by: "imported",
        tool: program,
        version: "1",
        source: `${fileName}: ${place}`,
        takenOverBy: principalId,
      },
    ],
    rings: [{ closed: mark.closed, hole: false, points: mark.points }],
  };
}
