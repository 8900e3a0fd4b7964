import { describe, expect, it } from "vitest";
import { createEdgeFinder, type PatchOf } from "#client/tools/edge-finder.ts";
import { calibrateTool, lineTool, traceTool } from "#client/tools/path-tools.ts";
import { createRandom } from "#core/random/generator.ts";
import { hand } from "./gesture.ts";

const seed = Number(process.env.SEED ?? 5);
const [width, height] = [400, 300];
/** An interface that waves: dark above, bright below; contrast 7 times the noise. */
const edgeAt = (x: number) => 150 + 12 * Math.sin(x / 40);

/** Recorded values of a box of it, in the way a viewer gives them. */
const patchOf: PatchOf = (box) => {
  const random = createRandom(seed);
  const noise = Float64Array.from({ length: width * height }, () => random() + random() + random() - 1.5);
  const x0 = Math.max(0, Math.floor(box.minX));
  const y0 = Math.max(0, Math.floor(box.minY));
  const [w, h] = [Math.min(width, Math.ceil(box.maxX)) - x0, Math.min(height, Math.ceil(box.maxY)) - y0];
  const data = Float64Array.from({ length: w * h }, (_, i) => {
    const [x, y] = [x0 + (i % w), y0 + Math.floor(i / w)];
    return 100 + 50 * Math.tanh((y + 0.5 - edgeAt(x + 0.5)) / 1.5) + 14 * 2 * noise[y * width + x]!;
  });
  return {
    x: x0,
    y: y0,
    raster: { width: w, height: h, samplesPerPixel: 1, sampleType: "float64", data },
  };
};
const edges = createEdgeFinder(patchOf, 1);
const offEdge = (points: readonly (readonly [number, number])[]) =>
  Math.hypot(...points.map(([x, y]) => y - edgeAt(x))) / Math.sqrt(points.length);

describe("a trace along an edge", () => {
  it("clicks beside the interface, points on it, and says how it came to be", () => {
    const me = hand(traceTool, { edges });
    me.click(60, edgeAt(60) + 5);
    me.click(110, edgeAt(110) - 5);
    me.click(160, edgeAt(160) + 4);
    me.send({ type: "finish" });
    const [mark] = me.created();
    const points = mark!.rings[0]!.points;
    expect(points.length).toBeGreaterThan(8);
    expect(offEdge(points)).toBeLessThan(0.5);
    expect(mark!.origin).toEqual([
      { by: "drawn", tool: "trace", version: "1" },
      { by: "live-wire", tool: "trace", version: "1" },
    ]);
  });

  it("shows the way to the pointer before the click, and Ctrl does without it", () => {
    const me = hand(traceTool, { edges });
    me.click(60, edgeAt(60) + 3);
    me.move(120, edgeAt(120) - 4);
    expect(me.preview.shape!.rings[0]!.points.length).toBeGreaterThan(5);
    me.move(120, edgeAt(120) - 4, { ctrl: true });
    expect(me.preview.shape!.rings[0]!.points).toHaveLength(2);
    me.click(120, edgeAt(120) - 4, { ctrl: true });
    me.send({ type: "finish" });
    expect(me.created()[0]!.rings[0]!.points).toHaveLength(2);
    expect(me.created()[0]!.origin).toEqual([{ by: "drawn", tool: "trace", version: "1" }]);
  });

  it("a stroke of the hand is laid onto the edge when it ends; Backspace takes the last piece back", () => {
    const me = hand(traceTool, { edges });
    const stroke = Array.from({ length: 40 }, (_, i): [number, number] => [
      60 + 4 * i,
      edgeAt(60 + 4 * i) + 3 * Math.sin(i),
    ]);
    me.drag(...(stroke as [[number, number]]));
    expect(offEdge(me.created()[0]!.rings[0]!.points)).toBeLessThan(0.5);

    const other = hand(traceTool, { edges });
    other.click(60, edgeAt(60));
    other.click(100, edgeAt(100));
    const before = other.preview.shape!.placed.length;
    other.click(150, edgeAt(150));
    other.send({ type: "remove" });
    expect(other.preview.shape!.placed.length).toBe(before);
  });

  it("where there is no edge, and where the values are not at hand, the hand's own line stands", () => {
    for (const none of [edges, createEdgeFinder(() => null, 1)]) {
      const me = hand(traceTool, { edges: none });
      me.click(40, 40);
      me.click(90, 45);
      me.send({ type: "finish" });
      expect(me.created()[0]!.rings[0]!.points).toEqual([
        [40, 40],
        [90, 45],
      ]);
    }
  });
});

describe("ends of a line", () => {
  it("go to the edge, and the hand's own ends are kept", () => {
    const me = hand(lineTool, { edges });
    me.drag([200, edgeAt(200) - 6], [200, 240]);
    const [mark] = me.created();
    expect(Math.abs(mark!.rings[0]!.points[0]![1] - edgeAt(200))).toBeLessThan(0.5);
    expect(mark!.rings[0]!.points[1]).toEqual([200, 240]);
    expect(mark!.origin.map(({ by }) => by)).toEqual(["drawn", "snapped"]);
    expect(mark!.parameters).toEqual({ drawnX1: 200, drawnY1: edgeAt(200) - 6, drawnX2: 200, drawnY2: 240 });
  });

  it("a feature of known length is asked for, and nothing is drawn", () => {
    const me = hand(calibrateTool);
    me.click(10, 20);
    me.click(110, 20);
    expect(me.commands).toEqual([]);
    expect(me.knownFeature).toEqual({ p: { x: 10, y: 20 }, q: { x: 110, y: 20 } });
  });
});
