import { gzipSync } from "node:zlib";
import * as Y from "yjs";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import type { AnnotationCommand } from "#core/document/commands.ts";
import { createRandom } from "#core/random/generator.ts";
import { createRecordId } from "#core/schema/ids.ts";
import type { Bench, BenchRow } from "./bench.ts";
import { drawRegion, type Outline, randomOutline, regionVertices } from "./drawn-region.ts";

const marks = 10_000;

/** The annotation document beside the layout one would try first (a Y.Map a vertex), same marks, same run. */
export const bench: Bench = { name: "document", run };

async function run(): Promise<readonly BenchRow[]> {
  const random = createRandom(20_260);
  const polygons = Array.from({ length: marks }, () => randomOutline(random));
  const ids = polygons.map(() => createRecordId(random));
  const ours = encodeOurs(ids, polygons, random);
  const nested = encodeNested(ids, polygons);
  const ourLoads: number[] = [];
  const nestedLoads: number[] = [];
  for (let round = 0; round < 3; round++) {
    ourLoads.push(timeMs(() => openAnnotationDocument(load(ours)).annotations().size));
    nestedLoads.push(timeMs(() => readNested(load(nested))));
  }
  const ourMs = median(ourLoads);
  const nestedMs = median(nestedLoads);
  return [
    { case: `bytes per mark of ${regionVertices} vertices`, value: ours.length / marks, unit: "B" },
    { case: "bytes per mark, nested Y.Maps", value: nested.length / marks, unit: "B" },
    { case: `${marks} marks, whole state`, value: ours.length / 1e6, unit: "MB" },
    { case: `${marks} marks, gzip`, value: gzipSync(ours).length / 1e6, unit: "MB" },
    { case: `load and decode ${marks} marks`, value: ourMs, unit: "ms" },
    { case: "the same, nested Y.Maps", value: nestedMs, unit: "ms" },
    { case: "nested over ours", value: nestedMs / ourMs, unit: "x" },
    ...edits(ours, ids),
  ];
}

/** What one gesture costs in a full document: bytes on the wire, time until every reader has the new mark. */
function edits(state: Uint8Array, ids: readonly string[]): BenchRow[] {
  const doc = load(state);
  const document = openAnnotationDocument(doc, { random: createRandom(1) });
  const rows: BenchRow[] = [];
  const gestures: readonly (readonly [string, (id: string) => AnnotationCommand])[] = [
    ["move one vertex", (id) => ({ type: "move-vertices", id, vertices: [{ id: 3, x: 100.5, y: 200.25 }] })],
    ["insert one vertex", (id) => ({ type: "insert-vertex", id, leftId: 4, x: 101, y: 201 })],
    ["move a whole mark", (id) => ({ type: "transform", ids: [id], affine: [1, 0, 0, 1, 8, -3] })],
    ["change the class", (id) => ({ type: "set-fields", id, fields: { classId: "film" } })],
  ];
  for (const [name, command] of gestures) {
    let bytes = 0;
    const count = (update: Uint8Array) => {
      bytes += update.length;
    };
    doc.on("update", count);
    const rounds = 200;
    const ms = timeMs(() => {
      for (let i = 0; i < rounds; i++) document.execute(command(ids[i]!));
    });
    doc.off("update", count);
    rows.push({ case: `${name}, update`, value: bytes / rounds, unit: "B" });
    rows.push({ case: `${name}, time`, value: ms / rounds, unit: "ms" });
  }
  return rows;
}

function encodeOurs(ids: readonly string[], polygons: readonly Outline[], random: () => number): Uint8Array {
  const doc = new Y.Doc();
  doc.clientID = 3_000_000_000;
  const document = openAnnotationDocument(doc, { random });
  for (const [i, points] of polygons.entries()) document.execute(drawRegion(ids[i]!, points));
  return Y.encodeStateAsUpdate(doc);
}

function encodeNested(ids: readonly string[], polygons: readonly Outline[]): Uint8Array {
  const doc = new Y.Doc();
  doc.clientID = 3_000_000_000;
  const records = doc.getMap("annotations");
  polygons.forEach((points, index) => {
    const list = new Y.Array<Y.Map<unknown>>();
    list.push(
      points.map(
        ([x, y]) =>
          new Y.Map<unknown>([
            ["x", Math.round(x * 64) / 64],
            ["y", Math.round(y * 64) / 64],
          ]),
      ),
    );
    doc.transact(() =>
      records.set(
        ids[index]!,
        new Y.Map<unknown>([
          ["kind", "region"],
          ["classId", "delamination"],
          ["vertices", list],
        ]),
      ),
    );
  });
  return Y.encodeStateAsUpdate(doc);
}

function readNested(doc: Y.Doc): number {
  let read = 0;
  for (const record of doc.getMap("annotations").values() as IterableIterator<Y.Map<unknown>>)
    read += (record.toJSON() as { vertices: unknown[] }).vertices.length;
  return read;
}

function load(state: Uint8Array): Y.Doc {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, state);
  return doc;
}

function timeMs(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
