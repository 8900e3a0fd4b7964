import { expect, it } from "vitest";
import * as Y from "yjs";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import type { AnnotationCommand } from "#core/document/commands.ts";
import { foldOutlines } from "#core/document/fold.ts";
import { markChanges } from "#core/document/mark-changes.ts";
import type { NewAnnotation } from "#core/schema/annotation.ts";

const square: NewAnnotation = {
  kind: "region",
  origin: [{ by: "drawn", tool: "polygon", version: "1" }],
  rings: [
    {
      closed: true,
      hole: false,
      points: [
        [0, 0],
        [90, 0],
        [90, 40],
        [0, 40],
      ],
    },
  ],
};

it("says of each command what people would say of it, and of a fold nothing", () => {
  const document = openAnnotationDocument(new Y.Doc());
  const id = "m";
  const done = (command: AnnotationCommand) => {
    const before = document.get(id);
    document.execute(command);
    return markChanges(before, document.get(id));
  };
  const set = (fields: Extract<AnnotationCommand, { type: "set-fields" }>["fields"]) =>
    done({ type: "set-fields", id, fields });
  expect(done({ type: "create", id, annotation: square })).toEqual(["created"]);
  expect(done({ type: "transform", ids: [id], affine: [1, 0, 0, 1, 3.3, -7.7] })).toEqual(["moved"]);
  expect(done({ type: "transform", ids: [id], affine: [1, 0, 0, 1, 0, 0] })).toEqual([]);
  expect(done({ type: "transform", ids: [id], affine: [1.1, 0, 0, 1, 0, 0] })).toEqual(["reshaped"]);
  expect(done({ type: "move-vertices", id, vertices: [{ id: 0, x: 5, y: 5 }] })).toEqual(["reshaped"]);
  expect(done({ type: "insert-vertex", id, leftId: 0, x: 40, y: -3 })).toEqual(["reshaped"]);
  expect(set({ classId: "film", name: "opening" })).toEqual(["reclassified", "renamed"]);
  expect(set({ interfaceId: "i1" })).toEqual(["assigned"]);
  expect(set({ attributes: { path: "within" } })).toEqual(["edited"]);
  expect(set({ locked: true })).toEqual(["locked"]);
  expect(set({ locked: false })).toEqual(["unlocked"]);
  const unfolded = document.get(id);
  foldOutlines(document.doc);
  expect(markChanges(unfolded, document.get(id))).toEqual([]);
  expect(done({ type: "delete", ids: [id] })).toEqual(["deleted"]);
  const deleted = document.get(id);
  document.undo();
  expect(markChanges(deleted, document.get(id))).toEqual(["brought-back"]);
  // A mark that is purged or unreadable: gone for whoever looks; one that was deleted before is not deleted again.
  expect(markChanges(document.get(id), undefined)).toEqual(["deleted"]);
  expect(markChanges(deleted, undefined)).toEqual([]);
  expect(markChanges(undefined, undefined)).toEqual([]);
});
