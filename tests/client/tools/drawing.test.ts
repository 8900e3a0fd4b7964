import { describe, expect, it } from "vitest";
import { ellipseTool, rectangleTool } from "#client/tools/box-tool.ts";
import { freehandTool, lineTool, polygonTool, traceTool } from "#client/tools/path-tools.ts";
import { presetRole, toolOf } from "#client/tools/tools.ts";
import { hand } from "./gesture.ts";

describe("rectangle", () => {
  it("press, drag, release: one command, with what it was drawn on", () => {
    const me = hand(rectangleTool);
    me.down(10, 20);
    me.move(30, 25);
    expect(me.commands).toEqual([]);
    expect(me.preview.label?.text).toMatch(/^20 × 5 px\n100(\.\d+)? ± [\d.]+ px²$/);
    me.up(40, 60);
    expect(me.commands).toHaveLength(1);
    const [mark] = me.created();
    expect(mark!.rings).toEqual([
      {
        closed: true,
        hole: false,
        points: [
          [10, 20],
          [40, 20],
          [40, 60],
          [10, 60],
        ],
      },
    ]);
    expect(mark).toMatchObject({
      kind: "region",
      classId: "class-film",
      frames: "all",
      drawnOn: { signal: "0", frame: 0, window: [10, 200] },
      origin: [{ by: "drawn", tool: "rectangle", version: "1" }],
    });
    expect(me.context.selected).toEqual(["new-1"]);
  });

  it("Shift makes a square, Alt draws from the centre", () => {
    const me = hand(rectangleTool);
    me.down(100, 100);
    me.up(110, 130, { shift: true, alt: true });
    expect(me.created()[0]!.rings[0]!.points).toEqual([
      [70, 70],
      [130, 70],
      [130, 130],
      [70, 130],
    ]);
  });

  it("a press without a drag, Esc, a lost pointer and a reader make nothing", () => {
    const me = hand(rectangleTool);
    me.click(5, 5);
    me.down(0, 0);
    me.move(50, 50);
    me.send({ type: "cancel" });
    me.down(0, 0);
    me.move(50, 50);
    me.send({ type: "interrupt" });
    me.up(50, 50);
    me.change({ readOnly: true });
    me.drag([0, 0], [50, 50]);
    expect(me.commands).toEqual([]);
    expect(me.state).toEqual(rectangleTool.idle);
  });
});

it("ellipse: every vertex lies on the ellipse within its box", () => {
  const me = hand(ellipseTool);
  me.drag([0, 0], [40, 20]);
  const { points } = me.created()[0]!.rings[0]!;
  for (const [x, y] of points) expect(((x - 20) / 20) ** 2 + ((y - 10) / 10) ** 2).toBeCloseTo(1, 10);
});

describe("polygon", () => {
  const corners = [
    [0, 0],
    [40, 0],
    [40, 40],
  ] as const;

  it.each([
    ["a click on the first point", (me: ReturnType<typeof hand>) => me.click(2, 1)],
    ["Enter or right click", (me: ReturnType<typeof hand>) => me.send({ type: "finish" })],
    [
      "a double click",
      (me: ReturnType<typeof hand>) => {
        me.down(40, 40, {}, 2);
        me.up(40, 40);
      },
    ],
  ])("%s finishes", (_, finish) => {
    const me = hand(polygonTool);
    for (const [x, y] of corners) me.click(x, y);
    expect(me.commands).toEqual([]);
    finish(me as never);
    expect(me.created()[0]!.rings[0]).toEqual({ closed: true, hole: false, points: corners });
    expect(me.state).toEqual({ name: "idle" });
  });

  it("Esc and Backspace take back one point each, never more", () => {
    const me = hand(polygonTool);
    for (const [x, y] of corners) me.click(x, y);
    me.send({ type: "cancel" });
    expect(me.state).toMatchObject({
      name: "placing",
      points: [
        { x: 0, y: 0 },
        { x: 40, y: 0 },
      ],
    });
    me.send({ type: "remove" });
    expect(me.state).toMatchObject({ name: "placing", points: [{ x: 0, y: 0 }] });
    me.send({ type: "cancel" });
    expect(me.state).toEqual({ name: "idle" });
  });

  it("two points are no region: finishing goes on drawing", () => {
    const me = hand(polygonTool);
    me.click(0, 0);
    me.click(40, 0);
    me.send({ type: "finish" });
    expect(me.commands).toEqual([]);
    expect(me.state).toMatchObject({ name: "placing" });
  });

  it("Shift keeps an edge to eighths of a turn", () => {
    const me = hand(polygonTool);
    me.click(0, 0);
    me.click(50, 3, { shift: true });
    const { points } = me.state as unknown as { points: { x: number; y: number }[] };
    expect(points[1]!.x).toBeCloseTo(50, 9);
    expect(points[1]!.y).toBeCloseTo(0, 9);
  });
});

it("freehand: the outline follows the hand and closes on release, simplified within half a screen px", () => {
  const me = hand(freehandTool);
  const path = Array.from({ length: 200 }, (_, i) => {
    const a = (i / 200) * 2 * Math.PI;
    return [100 + 60 * Math.cos(a), 100 + 60 * Math.sin(a)] as const;
  });
  me.drag(...path);
  const { points, closed } = me.created()[0]!.rings[0]!;
  expect(closed).toBe(true);
  expect(points.length).toBeLessThan(60);
  for (const [x, y] of points) expect(Math.hypot(x - 100, y - 100)).toBeCloseTo(60, 6);
});

describe("measurement line", () => {
  it.each([
    ["a drag", (me: ReturnType<typeof hand>) => me.drag([0, 0], [15, 20], [30, 40])],
    [
      "two clicks",
      (me: ReturnType<typeof hand>) => {
        me.click(0, 0);
        me.click(30, 40);
      },
    ],
  ])("%s makes one", (_, draw) => {
    const me = hand(lineTool);
    draw(me as never);
    expect(me.created()).toHaveLength(1);
    expect(me.created()[0]).toMatchObject({
      kind: "measurement-line",
      rings: [
        {
          closed: false,
          points: [
            [0, 0],
            [30, 40],
          ],
        },
      ],
    });
  });

  it("says its length while it is drawn, in the calibration's unit, and px where there is none", () => {
    const me = hand(lineTool);
    me.down(0, 0);
    me.move(30, 40);
    expect(me.preview.label?.text).toMatch(/^50\.00 ± 0\.71 px$/);
    me.change({
      calibration: {
        state: "calibrated",
        unit: "nm",
        pixelSize: { x: 0.5, y: 0.5 },
        rotationDeg: 0,
        relativeStandardUncertainty: { x: 0.03, y: 0.03 },
        source: { kind: "synthetic" },
        certified: true,
      },
    });
    me.move(30, 40);
    // 25 nm; placing 0.5·√2·0.5 nm, calibration 0.75 nm: 0.83 nm together.
    expect(me.preview.label?.text).toBe("25.00 ± 0.83 nm");
  });
});

describe("interface trace", () => {
  it("alternates: the substrate mints the interface, the film takes it over, then a new one begins", () => {
    const me = hand(traceTool);
    me.drag([0, 50], [30, 52], [60, 49], [90, 50]);
    expect(me.context.trace).toEqual({ body: "film", interfaceId: "new-1" });
    me.click(0, 30);
    me.click(50, 28);
    me.click(90, 30);
    me.send({ type: "finish" });
    const [substrate, film] = me.created();
    expect(substrate).toMatchObject({ kind: "interface-trace", body: "substrate", interfaceId: "new-1" });
    expect(film).toMatchObject({ kind: "interface-trace", body: "film", interfaceId: "new-1" });
    expect(film!.rings[0]!.points).toEqual([
      [0, 30],
      [50, 28],
      [90, 30],
    ]);
    expect(me.context.trace).toEqual({ body: "substrate", interfaceId: null });
  });

  it("clicks and strokes mix; Esc takes back a whole stroke", () => {
    const me = hand(traceTool);
    me.click(0, 0);
    me.drag([20, 0], [30, 10], [40, 0]);
    expect(me.state).toMatchObject({ name: "placing" });
    me.send({ type: "cancel" });
    expect(me.state).toMatchObject({ name: "placing", points: [{ x: 0, y: 0 }] });
  });
});

it("delamination and damage are the region gesture last used, with their class preset", () => {
  expect(toolOf("delamination", "freehand")).toBe(toolOf("freehand", "rectangle"));
  expect(toolOf("damage", "ellipse")).toBe(toolOf("ellipse", "rectangle"));
  expect([presetRole("delamination"), presetRole("damage"), presetRole("polygon")]).toEqual([
    "delamination",
    "damage",
    null,
  ]);
});
