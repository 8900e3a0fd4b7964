import * as Y from "yjs";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { createRandom } from "#core/random/generator.ts";
import { createRecordId } from "#core/schema/ids.ts";
import { drawRegion, type Outline, randomOutline } from "./drawn-region.ts";

/** The same marks twice: as this program stores them, and as one would first: a Y.Map a mark, its points a JSON value. */
export function makeDocuments(marks: number): { readonly ours: Uint8Array; readonly usual: Uint8Array } {
  const random = createRandom(20_260);
  const ours = new Y.Doc();
  const usual = new Y.Doc();
  const document = openAnnotationDocument(ours, { random });
  const records = usual.getMap("annotations");
  for (let i = 0; i < marks; i++) {
    const points = outline(random);
    const id = createRecordId(random);
    document.execute(drawRegion(id, points));
    records.set(
      id,
      new Y.Map<unknown>([
        ["kind", "region"],
        ["classId", "delamination"],
        ["drawnAt", "2026-03-01T10:00:00.000Z"],
        ["points", points],
      ]),
    );
  }
  return { ours: Y.encodeStateAsUpdate(ours), usual: Y.encodeStateAsUpdate(usual) };
}

/** On the grid that marks are stored in, so that both documents hold the same numbers. */
function outline(random: () => number): Outline {
  const grid = (value: number) => Math.round(value * 64) / 64;
  return randomOutline(random).map(([x, y]) => [grid(x), grid(y)] as const);
}
