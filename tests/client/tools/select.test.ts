import { describe, expect, it } from "vitest";
import { selectTool } from "#client/tools/select-tool.ts";
import { annotation, hand, square } from "./gesture.ts";

const a = annotation("a", square(0, 0, 100));
const b = annotation("b", square(20, 20, 40));

function table(...marks: (typeof a)[]) {
  const there = new Map(marks.map((mark) => [mark.id, mark]));
  const me = hand(selectTool, {
    annotation: (id) => there.get(id),
    hits: ({ x, y }) =>
      [...there.values()]
        .filter(({ outline }) => {
          const [p, , q] = outline.rings[0]!.vertices;
          return x >= p!.x && y >= p!.y && x <= q!.x && y <= q!.y;
        })
        .map(({ id }) => id)
        .reverse(),
  });
  return { me, there };
}

describe("selecting", () => {
  it("a click selects the topmost, clicking again goes on to the mark beneath and round again", () => {
    const { me } = table(a, b);
    me.click(30, 30);
    expect(me.context.selected).toEqual(["b"]);
    me.click(30, 30);
    expect(me.context.selected).toEqual(["a"]);
    me.click(30, 30);
    expect(me.context.selected).toEqual(["b"]);
    me.click(300, 300);
    expect(me.context.selected).toEqual([]);
  });

  it("Shift adds and takes away", () => {
    const { me } = table(a, b);
    me.click(90, 90);
    me.click(30, 30, { shift: true });
    expect(me.context.selected).toEqual(["a", "b"]);
    me.click(30, 30, { shift: true });
    expect(me.context.selected).toEqual(["a"]);
  });

  it("a drag over bare picture sweeps what lies within", () => {
    const { me } = table(a, b);
    me.change({ within: (from, to) => (to.x - from.x > 50 ? ["b"] : []) });
    me.down(200, 200);
    me.move(210, 210);
    expect(me.context.selected).toEqual([]);
    me.move(300, 300);
    expect(me.preview.marquee).toEqual({ from: { x: 200, y: 200 }, to: { x: 300, y: 300 } });
    me.up(300, 300);
    expect(me.context.selected).toEqual(["b"]);
    expect(me.commands).toEqual([]);
  });
});

describe("moving", () => {
  it("one drag is one transform of the whole selection", () => {
    const { me } = table(a, b);
    me.change({ selected: ["a", "b"] });
    me.down(30, 30);
    me.move(40, 35);
    expect(me.preview.transform).toEqual({ ids: ["a", "b"], affine: [1, 0, 0, 1, 10, 5] });
    expect(me.commands).toEqual([]);
    me.up(50, 40);
    expect(me.commands).toEqual([{ type: "transform", ids: ["a", "b"], affine: [1, 0, 0, 1, 20, 10] }]);
  });

  it("Esc gives the move up", () => {
    const { me } = table(a);
    me.down(30, 30);
    me.move(60, 60);
    me.send({ type: "cancel" });
    me.up(60, 60);
    expect(me.commands).toEqual([]);
  });

  it("a mark that somebody deletes in mid-drag is simply no longer moved", () => {
    const { me, there } = table(a, b);
    me.change({ selected: ["a", "b"] });
    me.down(30, 30);
    me.move(40, 40);
    there.delete("b");
    me.move(50, 50);
    expect(me.preview.transform?.ids).toEqual(["a"]);
    there.delete("a");
    me.up(50, 50);
    expect(me.commands).toEqual([]);
  });

  it("locked marks and readers stay where they are", () => {
    const { me } = table({ ...a, locked: true });
    me.drag([30, 30], [60, 60]);
    expect(me.commands).toEqual([]);
    const reader = table(a).me;
    reader.change({ readOnly: true });
    reader.drag([30, 30], [60, 60]);
    reader.send({ type: "remove" });
    expect(reader.commands).toEqual([]);
  });

  it("arrows nudge", () => {
    const { me } = table(a);
    me.change({ selected: ["a"] });
    me.send({ type: "nudge", dx: 0, dy: -10 });
    expect(me.commands).toEqual([{ type: "transform", ids: ["a"], affine: [1, 0, 0, 1, 0, -10] }]);
  });
});

describe("reshaping", () => {
  const withHandle = (handle: ReturnType<ReturnType<typeof hand>["context"]["handleAt"]>) => {
    const { me, there } = table(a);
    me.change({ selected: ["a"], handleAt: ({ x, y }) => (Math.hypot(x - 100, y) < 8 ? handle : null) });
    return { me, there };
  };

  it("a vertex is dragged by its id; Delete then removes that vertex, not the mark", () => {
    const { me } = withHandle({ type: "vertex", id: "a", vertexId: 1 });
    me.down(100, 0);
    me.move(120, 10);
    expect(me.preview.shape!.rings[0]!.points[1]).toEqual({ x: 120, y: 10 });
    me.up(120, 10);
    me.send({ type: "remove" });
    expect(me.commands).toEqual([
      { type: "move-vertices", id: "a", vertices: [{ id: 1, x: 120, y: 10 }] },
      { type: "remove-vertices", id: "a", vertexIds: [1] },
    ]);
  });

  it("the middle of an edge becomes a vertex after its left neighbour", () => {
    const { me } = withHandle({ type: "edge", id: "a", leftId: 0 });
    me.drag([100, 0], [110, -20]);
    expect(me.commands).toEqual([{ type: "insert-vertex", id: "a", leftId: 0, x: 110, y: -20 }]);
  });

  it("Alt removes a vertex, but a triangle keeps its three", () => {
    const { me, there } = withHandle({ type: "vertex", id: "a", vertexId: 1 });
    me.down(100, 0, { alt: true });
    expect(me.commands).toEqual([{ type: "remove-vertices", id: "a", vertexIds: [1] }]);
    there.set("a", annotation("a", square(0, 0, 100).slice(0, 3)));
    me.down(100, 0, { alt: true });
    expect(me.commands).toHaveLength(1);
  });

  it("a vertex or a mark that vanishes in mid-drag ends the gesture", () => {
    for (const left of [undefined, annotation("a", square(0, 0, 100).slice(0, 1))]) {
      const { me, there } = withHandle({ type: "vertex", id: "a", vertexId: 1 });
      me.down(100, 0);
      me.move(110, 0);
      if (left) there.set("a", left);
      else there.delete("a");
      me.move(120, 0);
      me.up(120, 0);
      expect(me.commands).toEqual([]);
    }
  });

  it("Delete with nothing pressed deletes the selection", () => {
    const { me } = table(a, b);
    me.change({ selected: ["a", "gone"] });
    me.send({ type: "remove" });
    expect(me.commands).toEqual([{ type: "delete", ids: ["a"] }]);
    expect(me.context.selected).toEqual([]);
  });
});
