import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { annotationsMap } from "#core/document/record-layout.ts";
import { createRandom } from "#core/random/generator.ts";
import type { NewAnnotation } from "#core/schema/annotation.ts";

const triangle: NewAnnotation = {
  kind: "region",
  classId: "delamination",
  origin: [{ by: "drawn", tool: "polygon", version: "1" }],
  rings: [
    {
      closed: true,
      hole: false,
      points: [
        [10, 20],
        [110.25, 20.004],
        [60, 90],
      ],
    },
  ],
};

function open(seed = 1) {
  return openAnnotationDocument(new Y.Doc(), { random: createRandom(seed) });
}
function withTriangle() {
  const document = open();
  document.execute({ type: "create", id: "mark1", annotation: triangle });
  return document;
}
const xy = (document: ReturnType<typeof open>, id = "mark1") =>
  document.get(id)!.outline.rings.map((ring) => ring.vertices.map((v) => [v.x, v.y]));

describe("a document of annotations", () => {
  it("T1 gives back what was drawn, to 1/64 px, with vertex ids 0 … n-1", () => {
    const document = withTriangle();
    const mark = document.get("mark1")!;
    expect(mark).toMatchObject({ kind: "region", classId: "delamination", deleted: false, frames: "all" });
    expect(xy(document)).toEqual([
      [
        [10, 20],
        [110.25, 20],
        [60, 90],
      ],
    ]);
    expect(mark.outline.rings[0]!.vertices.map((v) => v.id)).toEqual([0, 1, 2]);
    expect(mark.authorClient).toBe(document.doc.clientID);
  });

  it("V1 moves, V2 removes and V3 inserts single vertices without writing the outline again", () => {
    const document = withTriangle();
    const record = annotationsMap(document.doc).get("mark1") as Y.Map<unknown>;
    const packed = record.get("g");
    document.execute({ type: "insert-vertex", id: "mark1", leftId: 1, x: 100, y: 70 });
    document.execute({ type: "move-vertices", id: "mark1", vertices: [{ id: 0, x: 11, y: 21 }] });
    expect(xy(document)).toEqual([
      [
        [11, 21],
        [110.25, 20],
        [100, 70],
        [60, 90],
      ],
    ]);
    document.execute({ type: "remove-vertices", id: "mark1", vertexIds: [2] });
    expect(xy(document)).toEqual([
      [
        [11, 21],
        [110.25, 20],
        [100, 70],
      ],
    ]);
    expect(record.get("g")).toBe(packed);
  });

  it("refuses what would break the kind's geometry, and changes nothing", () => {
    const document = withTriangle();
    const before = Y.encodeStateAsUpdate(document.doc);
    expect(() => document.execute({ type: "remove-vertices", id: "mark1", vertexIds: [2] })).toThrow(
      /at least 3 vertices/,
    );
    expect(() =>
      document.execute({ type: "move-vertices", id: "mark1", vertices: [{ id: 9, x: 0, y: 0 }] }),
    ).toThrow(expect.objectContaining({ code: "unknown-vertex" }));
    expect(() =>
      document.execute({ type: "move-vertices", id: "mark1", vertices: [{ id: 1, x: Number.NaN, y: 0 }] }),
    ).toThrow(expect.objectContaining({ code: "invalid-geometry" }));
    expect(Y.encodeStateAsUpdate(document.doc)).toEqual(before);
    expect(document.canUndo).toBe(true);
  });

  it("takes back the earlier parts of a `together` whose later part cannot be done", () => {
    const document = withTriangle();
    expect(() =>
      document.execute({
        type: "together",
        commands: [
          { type: "set-fields", id: "mark1", fields: { name: "edge" } },
          { type: "delete", ids: ["nobody"] },
        ],
      }),
    ).toThrow(expect.objectContaining({ code: "unknown-annotation" }));
    expect(document.get("mark1")!.name).toBe("");
    document.undo();
    expect(document.canUndo).toBe(false);
  });

  it("D1 deletes by an edit: the record stays, and U1 undo of a creation deletes it the same way", () => {
    const document = withTriangle();
    document.execute({ type: "delete", ids: ["mark1"] });
    expect(document.annotations().size).toBe(0);
    expect(document.deletedAnnotations().get("mark1")!.classId).toBe("delamination");
    expect(document.undo()).toEqual({ state: "done", annotationIds: ["mark1"] });
    expect(document.annotations().size).toBe(1);
    document.undo();
    expect(document.annotations().size).toBe(0);
    expect(annotationsMap(document.doc).has("mark1")).toBe(true);
    expect(document.undo()).toEqual({ state: "nothing" });
    document.redo();
    expect(document.annotations().size).toBe(1);
  });

  it("U2 undo and redo walk through every kind of command and end where they began", () => {
    const document = withTriangle();
    const states = [JSON.stringify(document.get("mark1"))];
    const run = (command: Parameters<typeof document.execute>[0]) => {
      document.execute(command);
      states.push(JSON.stringify(document.get("mark1")));
    };
    run({
      type: "set-fields",
      id: "mark1",
      fields: { classId: "damage", attributes: { form: "gap" }, frames: [1, 2] },
    });
    run({ type: "insert-vertex", id: "mark1", leftId: 2, x: 20, y: 60 });
    run({ type: "move-vertices", id: "mark1", vertices: [{ id: 1, x: 120, y: 25 }] });
    run({ type: "transform", ids: ["mark1"], affine: [1, 0, 0, 1, 5, -3] });
    run({ type: "remove-vertices", id: "mark1", vertexIds: [0] });
    run({
      type: "replace-outline",
      id: "mark1",
      rings: [
        {
          closed: true,
          hole: false,
          points: [
            [0, 0],
            [40, 0],
            [40, 30],
            [0, 30],
          ],
        },
      ],
    });
    for (let i = states.length - 2; i >= 0; i--) {
      expect(document.undo().state).toBe("done");
      expect(JSON.stringify(document.get("mark1"))).toBe(states[i]);
    }
    for (let i = 1; i < states.length; i++) {
      expect(document.redo().state).toBe("done");
      expect(JSON.stringify(document.get("mark1"))).toBe(states[i]);
    }
  });

  it("A7 keeps kinds and fields of a newer version untouched, and lists what it cannot read", () => {
    const document = withTriangle();
    const records = annotationsMap(document.doc);
    const record = records.get("mark1") as Y.Map<unknown>;
    record.set("future-field", { deep: [1, 2] });
    const newer = new Y.Map<unknown>();
    newer.set("h", { k: "hologram", s: [["drawn", "wand", "9"]] });
    newer.set("g", new Uint8Array([0, 0]));
    records.set("newer", newer);
    records.set("broken", 5);
    expect(
      document
        .invalid()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(["broken", "newer"]);
    expect(document.annotations().has("newer")).toBe(false);
    document.execute({ type: "transform", ids: ["mark1"], affine: [2, 0, 0, 2, 0, 0] });
    expect(record.get("future-field")).toEqual({ deep: [1, 2] });
    expect(newer.get("h")).toMatchObject({ k: "hologram" });
  });

  it("tells subscribers which marks changed, and reads only those again", () => {
    const document = withTriangle();
    document.execute({ type: "create", id: "mark2", annotation: triangle });
    const untouched = document.get("mark2");
    const heard: unknown[] = [];
    document.subscribe(({ changed, removed, local }) => heard.push([[...changed], [...removed], local]));
    document.execute({ type: "set-fields", id: "mark1", fields: { name: "a" } });
    document.execute({ type: "delete", ids: ["mark1"] });
    expect(heard).toEqual([
      [["mark1"], [], true],
      [[], ["mark1"], true],
    ]);
    expect(document.get("mark2")).toBe(untouched);
    expect(document.get("mark2")!.order > "a0").toBe(true);
  });

  it("keeps a locked mark from being changed until it is unlocked", () => {
    const document = withTriangle();
    document.execute({ type: "set-fields", id: "mark1", fields: { locked: true } });
    expect(() => document.execute({ type: "delete", ids: ["mark1"] })).toThrow(
      expect.objectContaining({ code: "annotation-locked" }),
    );
    document.execute({ type: "set-fields", id: "mark1", fields: { locked: false } });
    document.execute({ type: "delete", ids: ["mark1"] });
    expect(document.annotations().size).toBe(0);
  });
});
