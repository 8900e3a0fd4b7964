import { describe, expect, it } from "vitest";
import { nearestSide, regionAbout } from "#client/state/fourier-store.ts";
import { fourierTool } from "#client/tools/fourier-tool.ts";
import { calibrateTool, profileTool } from "#client/tools/path-tools.ts";
import { hand } from "./gesture.ts";

describe("line profile", () => {
  it("a drag makes a profile line that carries its width; its ends go to no edge", () => {
    const me = hand(profileTool, {
      profileWidthPx: 12,
      edges: { follow: () => null, snap: (p, q) => ({ p: { x: p.x + 3, y: p.y }, q }) as never },
    });
    me.drag([10, 20], [50, 40], [110, 60]);
    expect(me.created()).toMatchObject([
      {
        kind: "profile-line",
        parameters: { widthPx: 12 },
        rings: [
          {
            closed: false,
            points: [
              [10, 20],
              [110, 60],
            ],
          },
        ],
      },
    ]);
    expect(me.context.selected).toEqual(["new-1"]);
  });

  it("is a draft while it is drawn: the plot follows it", () => {
    const me = hand(profileTool);
    me.down(10, 20);
    me.move(40, 60);
    expect(me.preview.shape).toMatchObject({ kind: "profile-line", annotationId: null });
    expect(me.preview.label?.text).toMatch(/^50\.00/);
  });
});

describe("square of the Fourier transform", () => {
  it("a drag draws it from the hand's first place, its side the nearest power of two, live", () => {
    const me = hand(fourierTool);
    me.down(100, 100);
    me.move(190, 130);
    expect(me.context.fourierRegion).toEqual({ x: 100, y: 100, side: 64 });
    me.move(330, 240);
    expect(me.context.fourierRegion).toEqual({ x: 100, y: 100, side: 256 });
    me.up(330, 240);
    expect(me.commands).toEqual([]);
  });

  it("to the left and up as well, and never out of the picture", () => {
    const me = hand(fourierTool);
    me.drag([300, 300], [170, 180]);
    expect(me.context.fourierRegion).toEqual({ x: 172, y: 172, side: 128 });
    me.drag([900, 700], [1300, 900]);
    expect(me.context.fourierRegion).toEqual({ x: 488, y: 288, side: 512 });
  });

  it("a drag inside moves it, to the border and not beyond; a click elsewhere brings it", () => {
    const me = hand(fourierTool, { fourierRegion: { x: 200, y: 200, side: 256 } });
    me.drag([300, 300], [310, 330]);
    expect(me.context.fourierRegion).toEqual({ x: 210, y: 230, side: 256 });
    me.drag([300, 300], [-500, 5000]);
    expect(me.context.fourierRegion).toEqual({ x: 0, y: 544, side: 256 });
    me.click(700, 300);
    expect(me.context.fourierRegion).toEqual({ x: 572, y: 172, side: 256 });
  });

  it("Esc and a lost pointer put back what was there; a reader may use it", () => {
    const before = { x: 10, y: 10, side: 64 } as const;
    const me = hand(fourierTool, { fourierRegion: before, readOnly: true });
    me.down(30, 30);
    me.move(400, 400);
    me.send({ type: "cancel" });
    expect(me.context.fourierRegion).toEqual(before);
    me.down(300, 300);
    me.move(600, 600);
    expect(me.context.fourierRegion).not.toEqual(before);
    me.send({ type: "interrupt" });
    expect(me.context.fourierRegion).toEqual(before);
  });

  it("a picture smaller than the smallest square has none; a small one gets what fits", () => {
    expect(regionAbout({ x: 5, y: 5 }, 512, { width: 300, height: 63 })).toBeNull();
    expect(regionAbout({ x: 5, y: 5 }, 512, { width: 300, height: 150 })).toEqual({ x: 0, y: 0, side: 128 });
    const me = hand(fourierTool, { imageSize: { width: 40, height: 40 } });
    me.drag([1, 1], [39, 39]);
    expect(me.context.fourierRegion).toBeNull();
  });

  it("the side nearest by ratio", () => {
    expect([70, 95, 180, 182, 5000].map(nearestSide)).toEqual([64, 128, 128, 256, 2048]);
  });
});

it("two clicks on a diffraction pattern stay where they are; on an image they go to edges", () => {
  const edges = { follow: () => null, snap: () => ({ p: { x: 0, y: 0 }, q: { x: 9, y: 9 } }) as never };
  const calibration = (unit: "nm" | "1/nm") => ({
    state: "calibrated" as const,
    unit,
    pixelSize: { x: 1, y: 1 },
    rotationDeg: 0,
    relativeStandardUncertainty: { x: 0, y: 0 },
    source: { kind: "synthetic" as const },
    certified: true,
  });
  for (const [unit, q] of [
    ["nm", { x: 9, y: 9 }],
    ["1/nm", { x: 80, y: 50 }],
  ] as const) {
    const me = hand(calibrateTool, { edges, calibration: calibration(unit) });
    me.click(20, 30);
    me.click(80, 50);
    expect(me.knownFeature?.q).toEqual(q);
  }
});
