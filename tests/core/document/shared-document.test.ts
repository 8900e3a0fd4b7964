import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { nameInterface, putInterface, readShared } from "#core/document/shared-document.ts";

const record = (id: string, name: string) => ({ id, name, objectId: null, substrate: "", film: "" });
const namesIn = (doc: Y.Doc) =>
  Object.fromEntries([...readShared(doc).interfaces.values()].map(({ id, name }) => [id, name]));

describe("a name that the program gives to an interface", () => {
  it("moves on where another interface has it: two that were named at once end up apart", () => {
    const doc = new Y.Doc();
    nameInterface(doc, record("a", "Interface 1"));
    nameInterface(doc, record("b", "Interface 1"));
    nameInterface(doc, record("c", "Interface 1"));
    expect(namesIn(doc)).toEqual({ a: "Interface 1", b: "Interface 2", c: "Interface 3" });
  });

  it("fills the lowest gap, and never takes a name that somebody chose", () => {
    const doc = new Y.Doc();
    putInterface(doc, record("a", "Interface 1"));
    putInterface(doc, record("b", "Interface 3"));
    nameInterface(doc, record("c", "Interface 3"));
    nameInterface(doc, record("a", "Interface 9"));
    expect(namesIn(doc)).toEqual({ a: "Interface 1", b: "Interface 3", c: "Interface 2" });
  });
});
