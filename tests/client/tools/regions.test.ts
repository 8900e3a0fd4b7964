import { describe, expect, it } from "vitest";
import { brushTool } from "#client/tools/brush-tool.ts";
import { pairTraces } from "#client/tools/pair-traces.ts";
import { freehandTool, polygonTool } from "#client/tools/path-tools.ts";
import type { AnnotationCommand } from "#core/document/commands.ts";
import { areaOf } from "#core/geometry/polygon-boolean.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { annotation, hand, square } from "./gesture.ts";

const replaced = (commands: readonly AnnotationCommand[]) =>
  commands.flatMap((command) => (command.type === "replace-outline" ? [command] : []));

/** Area of the rings of a command, holes taken off. */
function areaOfRings(rings: { hole: boolean; points: readonly (readonly [number, number])[] }[]): number {
  return rings.reduce((sum, { hole, points }) => {
    const outer = points.map(([x, y]) => ({ x, y }));
    return sum + (hole ? -1 : 1) * areaOf([{ outer, holes: [] }]);
  }, 0);
}

const withSelected = (mark: Annotation) => ({
  selected: [mark.id],
  annotation: (id: string) => (id === mark.id ? mark : undefined),
});

describe("brush", () => {
  it("one stroke, one region: as wide as the brush, as long as the way", () => {
    const me = hand(brushTool);
    me.drag([100, 100], [150, 100], [300, 100]);
    expect(me.commands).toHaveLength(1);
    const [mark] = me.created();
    expect(mark!.kind).toBe("region");
    expect(mark!.origin).toEqual([{ by: "drawn", tool: "brush", version: "1" }]);
    // A band of 200 × 20 px with two half circles of radius 10.
    expect(areaOfRings(mark!.rings as never)).toBeCloseTo(200 * 20 + Math.PI * 100, -1.5);
    expect(me.context.selected).toEqual(["new-1"]);
  });

  it("a stroke round a place leaves a hole in it", () => {
    const me = hand(brushTool);
    const round = Array.from({ length: 73 }, (_, i): [number, number] => [
      200 + 60 * Math.cos((i * Math.PI) / 36),
      200 + 60 * Math.sin((i * Math.PI) / 36),
    ]);
    me.drag(...(round as [[number, number]]));
    const [mark] = me.created();
    expect(mark!.rings.map(({ hole }) => hole)).toEqual([false, true]);
    expect(areaOfRings(mark!.rings as never)).toBeGreaterThan(0.97 * Math.PI * (70 ** 2 - 50 ** 2));
    expect(areaOfRings(mark!.rings as never)).toBeLessThan(Math.PI * (70 ** 2 - 50 ** 2));
  });

  it("adds to the selected region and, with Alt, takes off it; the preview is the region as it will be", () => {
    const mark = annotation("a", square(0, 0, 100));
    const me = hand(brushTool, withSelected(mark));
    me.down(100, 50);
    expect(me.preview.shape?.annotationId).toBe("a");
    me.up(100, 50);
    const [added] = replaced(me.commands);
    expect(added!.id).toBe("a");
    expect(areaOfRings(added!.rings as never)).toBeCloseTo(10_000 + (Math.PI * 100) / 2, -1);

    const eraser = hand(brushTool, withSelected(mark));
    eraser.down(50, 50, { alt: true });
    eraser.up(50, 50, { alt: true });
    const [holed] = replaced(eraser.commands);
    expect(holed!.rings.map(({ hole }) => hole)).toEqual([false, true]);
    expect(areaOfRings(holed!.rings as never)).toBeCloseTo(10_000 - Math.PI * 100, -1.5);
  });

  it("what is rubbed out wholly is deleted; a stroke beside it changes nothing; a locked region stays", () => {
    const small = annotation("a", square(100, 100, 8));
    const me = hand(brushTool, withSelected(small));
    me.down(300, 300, { alt: true });
    me.up(300, 300, { alt: true });
    expect(me.commands).toEqual([]);
    me.down(104, 104, { alt: true });
    me.up(104, 104, { alt: true });
    expect(me.commands).toEqual([{ type: "delete", ids: ["a"] }]);

    const locked = hand(brushTool, withSelected({ ...small, locked: true }));
    locked.down(104, 104, { alt: true });
    locked.up(104, 104, { alt: true });
    expect(locked.commands).toEqual([]);
  });
});

describe("outlines over the selected region", () => {
  it("Alt at the first press cuts the polygon out, holes of the region kept", () => {
    const mark: Annotation = {
      ...annotation("a", square(0, 0, 100)),
      outline: {
        rings: [
          { closed: true, hole: false, vertices: square(0, 0, 100).map((p, i) => ({ id: i, ...p })) },
          { closed: true, hole: true, vertices: square(10, 10, 20).map((p, i) => ({ id: 4 + i, ...p })) },
        ],
      },
    };
    const me = hand(polygonTool, withSelected(mark));
    me.click(50, 50, { alt: true });
    for (const [x, y] of [
      [90, 50],
      [90, 90],
      [50, 90],
    ] as const)
      me.click(x, y);
    me.send({ type: "finish" });
    const [cut] = replaced(me.commands);
    expect(cut!.rings.filter(({ hole }) => hole)).toHaveLength(2);
    expect(areaOfRings(cut!.rings as never)).toBeCloseTo(10_000 - 400 - 1600, 6);
  });

  it("Shift adds a piece apart: one region of two outer rings", () => {
    const me = hand(freehandTool, withSelected(annotation("a", square(0, 0, 100))));
    me.down(200, 200, { shift: true });
    me.move(260, 200);
    me.move(260, 260);
    me.move(200, 260);
    me.up(200, 230);
    const [both] = replaced(me.commands);
    expect(both!.rings.map(({ hole }) => hole)).toEqual([false, false]);
  });

  it("without a region the keys of the first press mean nothing", () => {
    const me = hand(polygonTool);
    me.click(0, 0, { alt: true });
    me.click(50, 0);
    me.click(50, 50);
    me.send({ type: "finish" });
    expect(me.created()).toHaveLength(1);
  });
});

describe("pairing traces", () => {
  const trace = (id: string, more: Partial<Annotation>) =>
    annotation(id, square(0, 0, 10), { kind: "interface-trace", ...more });
  const newId = () => "fresh";

  it("puts both on the interface of the substrate's", () => {
    const film = trace("f", { body: "film", interfaceId: "i-film" });
    const substrate = trace("s", { body: "substrate", interfaceId: "i-sub" });
    expect(pairTraces([film, substrate], newId)).toEqual({
      type: "together",
      commands: [
        { type: "set-fields", id: "s", fields: { interfaceId: "i-sub", body: "substrate" } },
        { type: "set-fields", id: "f", fields: { interfaceId: "i-sub", body: "film" } },
      ],
    });
  });

  it("of two alike, the first selected is the substrate; a new interface where neither has one", () => {
    const command = pairTraces([trace("a", { body: "film" }), trace("b", { body: "film" })], newId);
    expect(command).toMatchObject({
      commands: [
        { id: "a", fields: { body: "substrate", interfaceId: "fresh" } },
        { id: "b", fields: { body: "film", interfaceId: "fresh" } },
      ],
    });
  });

  it("nothing but two traces that may be changed", () => {
    const a = trace("a", {});
    expect(pairTraces([a], newId)).toBeNull();
    expect(pairTraces([a, annotation("r", square(0, 0, 9))], newId)).toBeNull();
    expect(pairTraces([a, trace("b", { locked: true })], newId)).toBeNull();
    expect(pairTraces([a, trace("b", {}), trace("c", {})], newId)).toBeNull();
  });
});
