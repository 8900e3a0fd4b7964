import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { addCalibration, putComment, putThread, readRecord } from "#core/document/record-document.ts";
import { putClass, putInterface, putObject, readShared } from "#core/document/shared-document.ts";
import { canonicalContent, readSnapshot, snapshotCommand, takeSnapshot } from "#core/document/snapshot.ts";
import type { NewAnnotation } from "#core/schema/annotation.ts";
import { defaultClasses } from "#core/schema/default-classes.ts";

const region = (points: NewAnnotation["rings"][number]["points"]): NewAnnotation => ({
  kind: "region",
  classId: "film",
  origin: [{ by: "drawn", tool: "polygon", version: "1" }],
  rings: [{ closed: true, hole: false, points }],
});
const open = () => openAnnotationDocument(new Y.Doc());
const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("native JSON", () => {
  it("comes back to the same marks in the same order", () => {
    const from = open();
    from.execute({
      type: "create",
      id: "second",
      annotation: region([
        [0, 0],
        [9, 0],
        [9, 7],
      ]),
    });
    from.execute({
      type: "create",
      id: "first",
      annotation: region([
        [1, 1],
        [9, 1.5],
        [9, 7],
      ]),
    });
    const json = JSON.parse(JSON.stringify(takeSnapshot(from)));
    expect(json.annotations.map((mark: { id: string }) => mark.id)).toEqual(["second", "first"]);
    const to = open();
    to.execute(snapshotCommand(readSnapshot(json)));
    const without = (document: typeof to) =>
      takeSnapshot(document).annotations.map(({ authorClient: _author, ...mark }) => mark);
    expect(without(to)).toEqual(without(from));
    to.undo();
    expect(to.annotations().size).toBe(0);
  });

  it("is refused as a whole, with the place of the fault", () => {
    const from = open();
    from.execute({
      type: "create",
      id: "m",
      annotation: region([
        [0, 0],
        [9, 0],
        [9, 7],
      ]),
    });
    const json = JSON.parse(JSON.stringify(takeSnapshot(from)));
    json.annotations[0].outline.rings[0].vertices.pop();
    expect(() => readSnapshot(json)).toThrow(/annotations\.0: expected at least 3 vertices/);
    json.annotations[0].classId = 5;
    expect(() => readSnapshot(json)).toThrow(/annotations\.0\.classId/);
    expect(() => readSnapshot({ format: "other" })).toThrow(
      expect.objectContaining({ code: "snapshot-malformed" }),
    );
  });

  it("C1 the same shape from another corner, the other way round, edited or replaced by itself has the same hash", () => {
    const corners = [
      [3, 1],
      [40, 2],
      [41, 30],
      [2, 28],
    ] as const;
    const document = open();
    document.execute({ type: "create", id: "a", annotation: region(corners) });
    document.execute({
      type: "create",
      id: "b",
      annotation: region([corners[2], corners[3], corners[0], corners[1]]),
    });
    document.execute({ type: "create", id: "c", annotation: region(corners.toReversed()) });
    document.execute({
      type: "create",
      id: "d",
      annotation: region([[0, 0], corners[1], corners[2], corners[3]]),
    });
    document.execute({ type: "move-vertices", id: "d", vertices: [{ id: 0, x: 3, y: 1 }] });
    document.execute({
      type: "create",
      id: "other",
      annotation: region([[3, 1.0625], corners[1], corners[2], corners[3]]),
    });
    const hashes = ["a", "b", "c", "d", "other"].map((id) => hash(canonicalContent(document.get(id)!)));
    expect(new Set(hashes.slice(0, 4)).size).toBe(1);
    expect(hashes[4]).not.toBe(hashes[0]);
    document.execute({ type: "set-fields", id: "a", fields: { classId: "core" } });
    expect(hash(canonicalContent(document.get("a")!))).not.toBe(hashes[0]);
  });
});

describe("rooms that the server writes", () => {
  it("shared: classes, objects and interfaces come back, the unreadable is listed, a newer version's fields stay", () => {
    const doc = new Y.Doc();
    for (const value of defaultClasses) putClass(doc, value);
    putObject(doc, { id: "wire3", name: "wire 3" });
    putInterface(doc, { id: "upper", name: "upper Sb|TiN", objectId: "wire3", substrate: "TiN", film: "Sb" });
    doc.getMap("classes").set("broken", { id: "broken" });
    const film = defaultClasses.find(({ id }) => id === "film")!;
    doc.getMap("classes").set("film", { ...film, glow: 3 });
    putClass(doc, { ...film, name: "Sb film" });
    const shared = readShared(doc);
    expect(shared.classes.size).toBe(defaultClasses.length);
    expect(shared.classes.get("film")).toMatchObject({ name: "Sb film" });
    expect(doc.getMap("classes").get("film")).toMatchObject({ glow: 3 });
    expect(shared.objects.get("wire3")).toEqual({ id: "wire3", name: "wire 3" });
    expect(shared.interfaces.get("upper")!.film).toBe("Sb");
    expect(shared.invalid.map(({ id }) => id)).toEqual(["classes/broken"]);
    expect(() => putObject(doc, { id: "x", name: "" })).toThrow();
  });

  it("record: the last calibration counts, comments stand in threads", () => {
    const doc = new Y.Doc();
    expect(readRecord(doc).calibration).toBeNull();
    const by = { madeBy: "ana", comment: "" };
    addCalibration(doc, {
      id: "c1",
      calibration: { state: "not-to-scale" },
      madeAt: "2026-01-02T00:00:00Z",
      ...by,
    });
    const second = addCalibration(doc, {
      id: "c0",
      calibration: { state: "uncalibrated", reason: "scale bar unreadable" },
      madeAt: "2026-01-01T00:00:00Z",
      ...by,
    });
    expect(second.number).toBe(2);
    expect(readRecord(doc).calibration).toEqual({ state: "uncalibrated", reason: "scale bar unreadable" });
    const comment = {
      threadId: "t1",
      annotationId: "m1",
      at: null,
      author: "ana",
      editedAt: null,
      deleted: false,
    };
    putComment(doc, {
      ...comment,
      id: "t2",
      text: "yes",
      createdAt: "2026-01-02T00:00:00Z",
      annotationId: null,
    });
    putComment(doc, { ...comment, id: "t1", text: "delaminated?", createdAt: "2026-01-01T00:00:00Z" });
    putThread(doc, { id: "t1", resolved: true, changedBy: "ben", changedAt: "2026-01-03T00:00:00Z" });
    const [thread] = readRecord(doc).threads;
    expect(thread).toMatchObject({ id: "t1", annotationId: "m1", resolved: true });
    expect(thread!.comments.map(({ text }) => text)).toEqual(["delaminated?", "yes"]);
  });
});
