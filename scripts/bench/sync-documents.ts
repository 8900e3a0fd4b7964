import * as Y from "yjs";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { createRandom } from "#core/random/generator.ts";
import { createRecordId } from "#core/schema/ids.ts";

type Points = readonly (readonly [number, number])[];

const vertices = 20;

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
    document.execute({
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
    });
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

function outline(random: () => number): Points {
  const [cx, cy] = [random() * 4096, random() * 3072];
  const grid = (value: number) => Math.round(value * 64) / 64;
  return Array.from({ length: vertices }, (_, i) => {
    const angle = (2 * Math.PI * i) / vertices;
    const radius = 60 + 40 * random();
    return [grid(cx + radius * Math.cos(angle)), grid(cy + radius * Math.sin(angle))] as const;
  });
}
