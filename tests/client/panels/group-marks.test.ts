import { describe, expect, it } from "vitest";
import { groupMarks, titleOf } from "#client/panels/group-marks.ts";
import { freeName, namelessInterfaces } from "#client/panels/use-named-interfaces.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { defaultClasses } from "#core/schema/default-classes.ts";
import { plainMark } from "#tests/core/schema/plain-mark.ts";

const mark = (id: string, fields: Partial<Annotation>) =>
  plainMark({ id, kind: "region", outline: { rings: [] }, ...fields });
const upper = { id: "upper", name: "upper Sb|TiN", objectId: null, substrate: "TiN", film: "Sb" };
const trace = (id: string, interfaceId: string | null, body: Annotation["body"], authorClient = 1) =>
  mark(id, { kind: "interface-trace", interfaceId, body, authorClient });

describe("the list of marks", () => {
  const delamination = defaultClasses.find(({ role }) => role === "delamination")!;
  const groups = groupMarks(
    [
      mark("pin", { kind: "pin" }),
      mark("line", { kind: "measurement-line" }),
      trace("film", "upper", "film"),
      mark("plain", {}),
      mark("opening", { classId: delamination.id, interfaceId: "upper" }),
      trace("substrate", "upper", "substrate"),
      trace("alone", null, null),
      mark("damage line", { kind: "measurement-line", classId: defaultClasses[1]!.id }),
    ],
    defaultClasses,
    [upper],
  );

  it("stands by interface, then class, lines and pins", () => {
    expect(groups.map(titleOf)).toEqual([
      "upper Sb|TiN",
      "Traces of no interface",
      ...[delamination.name, defaultClasses[1]!.name].sort(
        (a, b) =>
          defaultClasses.findIndex(({ name }) => name === a) -
          defaultClasses.findIndex(({ name }) => name === b),
      ),
      "Regions without a class",
      "Lines",
      "Pins",
    ]);
  });

  it("an interface's traces come substrate first, and every mark stands somewhere once", () => {
    expect(groups[0]!.marks.map(({ id }) => id)).toEqual(["substrate", "film"]);
    expect(groups.flatMap(({ marks }) => marks)).toHaveLength(8);
  });
});

describe("names of interfaces made by drawing", () => {
  it("finds those without a record, with who drew the first trace", () => {
    const marks = [
      trace("a", "upper", "film"),
      trace("b", "new", "substrate", 7),
      trace("c", "new", "film", 9),
    ];
    expect([...namelessInterfaces(marks, [upper])]).toEqual([["new", 7]]);
    expect(namelessInterfaces([mark("r", { interfaceId: "other" })], []).size).toBe(0);
  });

  it("takes the next number that is free", () => {
    expect(freeName([])).toBe("Interface 1");
    expect(freeName(["Interface 1", "Interface 3", "upper"])).toBe("Interface 2");
  });
});
