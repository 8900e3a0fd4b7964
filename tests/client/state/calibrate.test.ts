import { describe, expect, it } from "vitest";
import { calibrationByLine, calibrationByTyping } from "#client/state/calibrate.ts";
import { refusalSentence } from "#client/state/upload-store.ts";
import { outcomeSentence } from "#client/state/workspace-commands.ts";

const line = [
  { x: 10, y: 20 },
  { x: 310, y: 420 },
];

describe("calibrating by hand", () => {
  it("takes a typed pixel size in any prefix, with the person and the words kept", () => {
    expect(calibrationByTyping("0,5 Å/px", "person0001")).toMatchObject({
      state: "calibrated",
      unit: "nm",
      pixelSize: { x: 0.05, y: 0.05 },
      source: { kind: "person", principalId: "person0001", method: "typed", note: "0,5 Å/px" },
      certified: true,
    });
  });

  it("takes a line of known length: 50 nm over 500 px are 0.1 nm/px, good to √2·½ px in 500", () => {
    const found = calibrationByLine(line, "50 nm", "person0001");
    if (found.state !== "calibrated") throw new Error("not calibrated");
    expect(found.pixelSize.x).toBeCloseTo(0.1, 12);
    expect(found.relativeStandardUncertainty.x).toBeCloseTo(Math.SQRT1_2 / 500, 12);
  });

  it("takes reciprocal lengths on a diffraction pattern", () => {
    expect(calibrationByLine(line, "5 1/nm", "person0001")).toMatchObject({
      unit: "1/nm",
      pixelSize: { x: 0.01 },
    });
  });

  it.each(["50", "", "nm", "-3 nm", "fifty nm"])("refuses %j with a sentence", (text) => {
    expect(() => calibrationByLine(line, text, "p")).toThrow(expect.objectContaining({ code: "bad-length" }));
    expect(() => calibrationByTyping(text, "p")).toThrow(expect.objectContaining({ code: "bad-pixel-size" }));
  });

  it("refuses a line too short to say anything", () => {
    const dot = [line[0]!, { x: 11, y: 20 }];
    expect(() => calibrationByLine(dot, "50 nm", "p")).toThrow(
      expect.objectContaining({ code: "line-too-short" }),
    );
  });
});

describe("sentences", () => {
  it("of a refused upload are the server's own where it gave one", () => {
    const body = JSON.stringify({ error: { code: "quota", message: "The project is full." } });
    expect(refusalSentence(413, body)).toBe("The project is full.");
    expect(refusalSentence(413, "Maximum size exceeded\n")).toBe(
      "The server refused the file (413): Maximum size exceeded",
    );
    expect(refusalSentence(500, "x".repeat(1000))).toBe("The server refused the file (500).");
  });

  it("of an undo speak only where something stands in the way", () => {
    expect(outcomeSentence({ state: "done", annotationIds: ["a"] }, "undo")).toBeNull();
    expect(outcomeSentence({ state: "nothing" }, "redo")).toContain("nothing of yours to redo");
    expect(outcomeSentence({ state: "overtaken", standing: [] }, "undo")).toContain(
      "somebody has changed it since",
    );
  });
});
