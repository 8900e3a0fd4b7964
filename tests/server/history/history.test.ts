import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as Y from "yjs";
import { type AnnotationDocument, openAnnotationDocument } from "#core/document/annotation-document.ts";
import { foldOutlines } from "#core/document/fold.ts";
import type { HistoryPageBody, LastEditors, RestoredMoment } from "#core/protocol/api/history.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import {
  adminToken,
  byToken,
  errorCode,
  json,
  makeMember,
  makeProject,
  startTestServer,
  type TestServer,
  type Visitor,
} from "../http/running-server.ts";
import { square } from "../sync/square.ts";

let server: TestServer;
let anna: { id: string; visitor: Visitor };
let ben: { id: string; visitor: Visitor };
let project: string;

beforeAll(async () => {
  server = await startTestServer();
  project = await makeProject(server, "history");
  anna = await makeMember(server, project, "annotator", "Anna");
  ben = await makeMember(server, project, "annotator", "Ben");
});
afterAll(() => server.stop());

async function micrograph(): Promise<string> {
  const { catalogue } = server.ingest;
  const principalId = anna.id;
  const sourceId = await catalogue.addSource({
    ...{ projectId: project, fileName: "a.tif", bytes: 4, sha256: "0".repeat(64), principalId, options: {} },
  });
  const record = { width: 300, height: 200, frames: 1, frameTimesS: null, dtype: "uint8", acquisition: {} };
  const flags = { lossy: false, depthReduced: false, screenshot: false };
  const [id] = await catalogue.describeSource(sourceId, {
    ...{ format: "tiff", others: [], tags: {} },
    micrographs: [
      {
        ...{ name: "a", content: "image", calibration: { state: "uncalibrated", reason: "none" } },
        record: { ...record, warnings: [], flags } as never,
        signals: [],
      },
    ],
  });
  return id!;
}

const edit = (id: string, who: { id: string }, act: (document: AnnotationDocument) => void) =>
  server.rooms.writeAsServer(`micrograph:${id}:annotations`, who.id, (doc) => {
    const document = openAnnotationDocument(doc);
    act(document);
    document.close();
  });
const fold = (id: string) =>
  server.rooms.writeAsServer(
    `micrograph:${id}:annotations`,
    "lamella@x",
    (doc: Y.Doc) => void foldOutlines(doc),
  );
const historyOf = (id: string, query = "") =>
  json<HistoryPageBody>(server.call("GET", `/micrographs/${id}/history${query}`, anna.visitor));
const marksAt = async (id: string, moment = "") =>
  (
    await json<{ annotations: Annotation[] }>(
      server.call("GET", `/micrographs/${id}${moment}/annotations`, anna.visitor),
    )
  ).annotations;
const restore = (id: string, seq: number, who: { visitor: Visitor }, body: object = {}) =>
  server.call("POST", `/micrographs/${id}/history/${seq}/restore`, who.visitor, body);
/** What a mark says, without who wrote its record. */
const said = ({ authorClient: _, ...mark }: Annotation) => mark;

describe("history over HTTP", () => {
  it("pages through every edit with person, time and marks, and names each mark's last editor", async () => {
    const id = await micrograph();
    const startedMs = Date.now();
    await edit(id, anna, (d) => d.execute({ type: "create", id: "m1", annotation: square }));
    await edit(id, anna, (d) => d.execute({ type: "create", id: "m2", annotation: square }));
    await edit(id, ben, (d) => d.execute({ type: "set-fields", id: "m1", fields: { name: "b" } }));
    await edit(id, ben, (d) =>
      d.execute({ type: "move-vertices", id: "m1", vertices: [{ id: 0, x: 5, y: 5 }] }),
    );
    const first = await historyOf(id, "?limit=3");
    const rest = await historyOf(id, `?after=${first.next}&limit=3`);
    expect([first.entries.length, rest.entries.length, rest.next]).toEqual([3, 1, null]);
    const entries = [...first.entries, ...rest.entries];
    expect(entries.map(({ by, annotationIds }) => [by.name, annotationIds])).toEqual([
      ["Anna", ["m1"]],
      ["Anna", ["m2"]],
      ["Ben", ["m1"]],
      ["Ben", ["m1"]],
    ]);
    for (const { receivedAt } of entries) expect(Date.parse(receivedAt)).toBeGreaterThanOrEqual(startedMs);
    const { editors } = await json<LastEditors>(
      server.call("GET", `/micrographs/${id}/history/editors`, anna.visitor),
    );
    expect([editors["m1"]!.by.name, editors["m2"]!.by.name]).toEqual(["Ben", "Anna"]);
    expect(editors["m1"]!.seq).toBe(entries[3]!.seq);
    const one = await json<LastEditors>(
      server.call("GET", `/micrographs/${id}/history/editors?mark=m2`, anna.visitor),
    );
    expect(one.editors).toEqual({ m2: editors["m2"] });
  });

  it("says what each edit did to each mark, newest page first, and finds the edits of one mark", async () => {
    const id = await micrograph();
    const drawnAt = "2026-03-01T09:00:00.000Z";
    await edit(id, anna, (d) => {
      d.execute({ type: "create", id: "m1", annotation: { ...square, drawnAt } });
      d.execute({ type: "create", id: "m2", annotation: square });
    });
    const acts: [string[], (d: AnnotationDocument) => void][] = [
      [["moved"], (d) => d.execute({ type: "transform", ids: ["m1"], affine: [1, 0, 0, 1, 7, -3] })],
      [
        ["reshaped"],
        (d) => d.execute({ type: "move-vertices", id: "m1", vertices: [{ id: 0, x: 5, y: 5 }] }),
      ],
      [
        ["reclassified", "renamed"],
        (d) =>
          d.execute({ type: "set-fields", id: "m1", fields: { classId: "film", name: "after the bend" } }),
      ],
      [["deleted"], (d) => d.execute({ type: "delete", ids: ["m1"] })],
    ];
    for (const [, act] of acts) await edit(id, ben, act);
    await edit(id, anna, (d) => d.execute({ type: "set-fields", id: "m2", fields: { locked: true } }));
    const newest = await historyOf(id, `?before=${Number.MAX_SAFE_INTEGER}&limit=2&changes=yes`);
    const { seq } = newest.entries[0]!;
    expect(newest).toMatchObject({ earlier: seq, next: null });
    expect(newest.entries.map(({ changes }) => changes!.map(({ words }) => words))).toEqual([
      [["deleted"]],
      [["locked"]],
    ]);
    const before = await historyOf(id, `?before=${seq}&changes=yes`);
    expect(before.earlier).toBeNull();
    expect(before.entries[0]!.changes).toEqual([
      expect.objectContaining({ annotationId: "m1", words: ["created"], kind: "region", drawnAt }),
      expect.objectContaining({ annotationId: "m2", words: ["created"], drawnAt: null }),
    ]);
    expect(before.entries.slice(1).flatMap(({ changes }) => changes!.map(({ words }) => words))).toEqual(
      acts.slice(0, 3).map(([words]) => words),
    );
    const mine = await historyOf(id, `?mark=m1&after=${before.entries[0]!.seq}&changes=yes`);
    expect(mine.entries.flatMap(({ by, changes }) => changes!.map((c) => [by.name, ...c.words]))).toEqual(
      acts.map(([words]) => ["Ben", ...words]),
    );
    // A deleted mark is still called what it was called.
    expect(mine.entries.at(-1)!.changes![0]).toMatchObject({ name: "after the bend", classId: "film" });
    expect((await historyOf(id)).entries[0]!.changes).toBeUndefined();
    // What upkeep folds is nobody's edit of a mark.
    await fold(id);
    const after = await historyOf(id, `?after=${newest.entries[1]!.seq}&changes=yes`);
    expect(after.entries.flatMap(({ changes }) => changes!)).toEqual([]);
  });

  it("opens each moment as it was, and the last as it is", async () => {
    const id = await micrograph();
    const seen: Annotation[][] = [];
    const note = async () => void seen.push(await marksAt(id));
    await edit(id, anna, (d) => d.execute({ type: "create", id: "m1", annotation: square }));
    await note();
    await edit(id, ben, (d) =>
      d.execute({ type: "move-vertices", id: "m1", vertices: [{ id: 2, x: 90, y: 60 }] }),
    );
    await note();
    await fold(id);
    await note();
    await edit(id, ben, (d) => d.execute({ type: "delete", ids: ["m1"] }));
    await note();
    const { entries } = await historyOf(id);
    for (const [i, { seq }] of entries.entries())
      expect(await marksAt(id, `/history/${seq}`), `moment ${i}`).toEqual(seen[i]);
    expect(
      await errorCode(server.call("GET", `/micrographs/${id}/history/1/annotations`, anna.visitor)),
    ).toBe("not-found");
  });

  it("brings one mark back exactly, whatever was done to it since, as an edit of whoever asked", async () => {
    const id = await micrograph();
    await edit(id, anna, (d) => d.execute({ type: "create", id: "m1", annotation: square }));
    await edit(id, anna, (d) => {
      d.execute({ type: "insert-vertex", id: "m1", leftId: 0, x: 50, y: -10 });
      d.execute({ type: "move-vertices", id: "m1", vertices: [{ id: 1, x: 110, y: 1 }] });
      d.execute({ type: "set-fields", id: "m1", fields: { name: "then", attributes: { path: "within" } } });
      d.execute({ type: "create", id: "m2", annotation: square });
    });
    const seq = (await historyOf(id)).entries.at(-1)!.seq;
    const then = (await marksAt(id)).find((mark) => mark.id === "m1")!;
    const spoil: ((document: AnnotationDocument) => void)[] = [
      (d) => d.execute({ type: "insert-vertex", id: "m1", leftId: 2, x: 40, y: 70 }),
      (d) => d.execute({ type: "remove-vertices", id: "m1", vertexIds: [1] }),
      (d) => d.execute({ type: "replace-outline", id: "m1", rings: square.rings }),
      (d) => d.execute({ type: "transform", ids: ["m1"], affine: [2, 0, 0, 2, 3, 4] }),
      (d) => d.execute({ type: "set-fields", id: "m1", fields: { name: "now", attributes: { path: null } } }),
      (d) => d.execute({ type: "set-fields", id: "m1", fields: { classId: "film" } }),
      (d) => d.execute({ type: "delete", ids: ["m1"] }),
    ];
    // Each alone, then all of them after each other, with a fold in between.
    for (const acts of [...spoil.map((act) => [act]), spoil]) {
      for (const act of acts) await edit(id, ben, act);
      if (acts.length > 1) await fold(id);
      await edit(id, ben, (d) =>
        d.execute({ type: "set-fields", id: "m2", fields: { name: `after ${acts.length} edits` } }),
      );
      const other = (await marksAt(id)).find((mark) => mark.id === "m2");
      const { changed } = await json<RestoredMoment>(restore(id, seq, anna, { annotationIds: ["m1"] }));
      expect(changed).toEqual(["m1"]);
      const now = await marksAt(id);
      expect(said(now.find((mark) => mark.id === "m1")!)).toEqual(said(then));
      expect(now.find((mark) => mark.id === "m2")).toEqual(other);
      const last = (await historyOf(id, "?limit=1000")).entries.at(-1)!;
      expect([last.by.name, last.annotationIds]).toEqual(["Anna", ["m1"]]);
    }
    const again = await json<RestoredMoment>(restore(id, seq, anna, { annotationIds: ["m1"] }));
    expect(again.changed).toEqual([]);
  });

  it("brings the whole image back for who may manage it: marks made since go, purged ones return", async () => {
    const id = await micrograph();
    await edit(id, anna, (d) => {
      for (const mark of ["m1", "m2", "m3"]) d.execute({ type: "create", id: mark, annotation: square });
    });
    const seq = (await historyOf(id)).entries.at(-1)!.seq;
    const then = (await marksAt(id)).map(said);
    await edit(id, ben, (d) => {
      d.execute({ type: "delete", ids: ["m2"] });
      d.execute({ type: "create", id: "m4", annotation: square });
    });
    await server.rooms.writeAsServer(`micrograph:${id}:annotations`, "lamella@x", (doc) =>
      doc.getMap("a").delete("m2"),
    );
    expect(await errorCode(restore(id, seq, ben))).toBe("no-right");
    const { changed } = await json<RestoredMoment>(restore(id, seq, { visitor: byToken(adminToken) }, {}));
    expect([...changed].sort()).toEqual(["m2", "m4"]);
    expect((await marksAt(id)).map(said)).toEqual(then);
  });

  it("refuses a mark that was not there then, and one that is locked now, and changes nothing", async () => {
    const id = await micrograph();
    await edit(id, anna, (d) => d.execute({ type: "create", id: "m1", annotation: square }));
    const { seq } = (await historyOf(id)).entries.at(-1)!;
    await edit(id, anna, (d) => d.execute({ type: "create", id: "m2", annotation: square }));
    await edit(id, anna, (d) =>
      d.execute({ type: "set-fields", id: "m1", fields: { name: "x", locked: true } }),
    );
    expect(await errorCode(restore(id, seq, ben, { annotationIds: ["m2"] }))).toBe("not-found");
    expect(await errorCode(restore(id, seq, ben, { annotationIds: ["m1"] }))).toBe("annotation-locked");
    expect((await historyOf(id)).entries).toHaveLength(3);
  });
});
