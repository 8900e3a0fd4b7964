import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { createStore } from "zustand/vanilla";
import type { ConnectionState } from "#client/session/connection-state.ts";
import { unsavedFile, watchUnsavedMarks } from "#client/state/unsaved-marks.ts";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { readSnapshot } from "#core/document/snapshot.ts";
import { square } from "#tests/server/sync/square.ts";

function room() {
  const doc = new Y.Doc();
  const current = createStore(() => ({ document: openAnnotationDocument(doc) }));
  const connection = createStore<ConnectionState>(() => ({ state: "saved", mayWrite: true }));
  const unsaved = watchUnsavedMarks({ current, connection });
  return {
    ...{ doc, current, unsaved },
    draw: (id: string) => current.getState().document.execute({ type: "create", id, annotation: square }),
    say: (state: ConnectionState) => connection.setState(state, true),
    listed: () => unsaved.list().map(({ id }) => id),
  };
}

describe("marks that the server may lack", () => {
  it("are those drawn here since it last had everything, not the others'", () => {
    const { doc, draw, say, listed } = room();
    draw("sent");
    say({ state: "saving", waiting: 1 });
    expect(listed()).toEqual(["sent"]);
    say({ state: "saved", mayWrite: true });
    expect(listed()).toEqual([]);
    say({ state: "offline", sinceMs: 0, waiting: 0 });
    draw("mine");
    const elsewhere = openAnnotationDocument(new Y.Doc());
    elsewhere.execute({ type: "create", id: "theirs", annotation: square });
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(elsewhere.doc));
    say({ state: "no-right", waiting: 1 });
    expect(listed()).toEqual(["mine"]);
  });

  it("start anew in the document that follows a refusal", () => {
    const { current, draw, say, listed } = room();
    draw("refused");
    current.setState({ document: openAnnotationDocument(new Y.Doc()) });
    expect(listed()).toEqual([]);
    draw("since");
    say({ state: "offline", sinceMs: 0, waiting: 1 });
    expect(listed()).toEqual(["since"]);
  });

  it("are a file of native JSON, marks and all", () => {
    const { draw, unsaved } = room();
    draw("kept-for-later");
    const { fileName, json } = unsavedFile("micrograph1", unsaved.list());
    expect(fileName).toBe("unsaved-micrograph1.json");
    expect(readSnapshot(JSON.parse(json)).annotations.map(({ id }) => id)).toEqual(["kept-for-later"]);
  });
});
