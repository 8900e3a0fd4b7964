import { describe, expect, it } from "vitest";
import { measurementsTable } from "#client/panels/measurements-table.ts";
import { peopleIn } from "#client/panels/people-in.ts";
import { intensityWords, placeWords, zoomWords } from "#client/panels/place-words.ts";
import { fieldOfView, readableBytes, readableLength, readableTime } from "#client/panels/readable-length.ts";
import { saveWords } from "#client/panels/save-words.ts";
import { flattenTags, searchTags } from "#client/panels/vendor-tags.ts";
import { measureAnnotations } from "#core/analysis/measure-annotations.ts";
import { calibrationFromFile } from "#core/micrograph/calibration.ts";

const uncalibrated = { state: "uncalibrated", reason: "no tag" } as const;

describe("lengths for people", () => {
  it.each([
    [0, "0 nm"],
    [0.43, "430 pm"],
    [12.34, "12.3 nm"],
    [999.4, "999 nm"],
    [999.6, "1 µm"],
    [1234, "1.23 µm"],
    [2.5e6, "2.5 mm"],
  ])("%d nm reads %s", (value, words) => expect(readableLength(value)).toBe(words));

  it("a field of view has one unit for both sides, px without a scale", () => {
    const size = { width: 2048, height: 1024 };
    expect(fieldOfView({ ...size, calibration: calibrationFromFile(1, 1, "nm", "t") })).toBe(
      "2.05 × 1.02 µm",
    );
    expect(fieldOfView({ ...size, calibration: calibrationFromFile(0.01, 0.01, "1/nm", "t") })).toBe(
      "20.5 × 10.2 1/nm",
    );
    expect(fieldOfView({ ...size, calibration: uncalibrated })).toBe("2048 × 1024 px");
  });

  it("bytes and times", () => {
    expect([999, 12_345, 8_388_608].map(readableBytes)).toEqual(["999 B", "12.3 kB", "8.39 MB"]);
    const now = Date.parse("2026-11-22T12:00:00Z");
    expect(readableTime("2026-11-22T11:57:00Z", now)).toBe("3 min ago");
    expect(readableTime("2026-11-19T11:57:00Z", now)).toBe("3 d ago");
  });
});

describe("the status line", () => {
  const size = { width: 1000, height: 800 };
  it("says nm, px or 1/nm with the spacing d, never one for another", () => {
    const nm = { ...size, calibration: calibrationFromFile(0.42, 0.84, "nm", "t") };
    expect(placeWords({ x: 100, y: 100 }, nm)).toEqual({ x: "42.0 nm", y: "84.0 nm" });
    expect(placeWords({ x: 1.25, y: 2 }, { ...size, calibration: uncalibrated })).toEqual({
      x: "1.3 px",
      y: "2.0 px",
    });
    const reciprocal = { ...size, calibration: calibrationFromFile(0.01, 0.01, "1/nm", "t") };
    expect(placeWords({ x: 800, y: 800 }, reciprocal)).toEqual({
      x: "3.00 1/nm",
      y: "4.00 1/nm",
      d: "0.200 nm",
    });
    expect(placeWords({ x: 500, y: 400 }, reciprocal).d).toBeUndefined();
  });

  it("marks an intensity that is not the recorded one", () => {
    expect(intensityWords({ intensity: 13204, exact: true })).toBe("13\u202f204");
    expect(intensityWords({ intensity: 13204.25, exact: false })).toBe("~13204");
    expect(intensityWords({ intensity: 49154.60546875, exact: true })).toBe("49154.61");
    expect(intensityWords({ intensity: null, exact: true, colour: [114, 9, 201] })).toBe("114 · 9 · 201");
    expect(intensityWords({ intensity: null, exact: false })).toBe("–");
  });

  it("zoom in per cent", () => expect([0.034, 0.5, 12].map(zoomWords)).toEqual(["3.4 %", "50 %", "1200 %"]));
});

describe("the save state", () => {
  it("promises nothing but what the server confirmed", () => {
    expect(saveWords({ state: "saved", mayWrite: true })).toMatchObject({ tone: "good", label: "Saved" });
    expect(saveWords({ state: "saved", mayWrite: false }).label).not.toBe("Saved");
    expect(saveWords({ state: "saving", waiting: 1 }).label).toBe("Saving");
    const offline = saveWords({ state: "offline", sinceMs: 0, waiting: 3 });
    expect(offline.label).toMatch(/^Offline since .*, 3 edits wait$/);
    expect(offline.tone).toBe("warning");
    expect(saveWords({ state: "signed-out", waiting: 2 }).label).toBe("Signed out, 2 edits wait");
    const full = saveWords({ state: "not-stored", sinceMs: 0, waiting: 1 });
    expect([full.label, full.tone]).toEqual(["Server cannot store, 1 edit waits", "danger"]);
    // A browser that keeps nothing is never said to.
    expect(full.detail).toMatch(/kept in this browser/);
    const bare = saveWords({ state: "not-stored", sinceMs: 0, waiting: 1 }, false);
    expect(bare.detail).toMatch(/keeps nothing once this page is closed/);
    const refused = { state: "refused", code: "size", what: "Too large.", rescue: {} as never } as const;
    const since = { state: "offline", sinceMs: 0, waiting: 3 } as const;
    const words = saveWords({ ...refused, waiting: 3, since });
    expect(words.label).toBe("Refused: too large");
    expect(words.detail).toMatch(/^Too large\. What you drew since: offline since .*, 3 edits wait\.$/);
  });
});

describe("people", () => {
  it("are listed once each, by the window whose view can be followed", () => {
    const user = { principalId: "a", name: "Ada", colour: "#fff" };
    const others = new Map([
      [1, { user }],
      [2, { user, viewport: { x: 0, y: 0, width: 10 } }],
      [3, {}],
    ]);
    expect(peopleIn(others).map(({ id }) => id)).toEqual([2]);
  });
});

describe("vendor tags", () => {
  const tags = {
    A: { Voltage: 300000, List: [1, 2, 3] },
    B: [{ Name: "x" }],
    C: null,
    Long: "y".repeat(1000),
  };
  it("become one list of paths", () => {
    expect(flattenTags(tags).map(({ path, value }) => [path, value.slice(0, 8)])).toEqual([
      ["A.Voltage", "300000"],
      ["A.List", "1, 2, 3"],
      ["B.0.Name", "x"],
      ["C", "–"],
      ["Long", "yyyyyyyy"],
    ]);
  });
  it("are found by all words in any case", () => {
    expect(searchTags(flattenTags(tags), "a VOLT").map(({ path }) => path)).toEqual(["A.Voltage"]);
  });
});

describe("the table for a spreadsheet", () => {
  it("keeps full precision, units apart, and no text that would be run as a formula", () => {
    const rows = measureAnnotations([], calibrationFromFile(1, 1, "nm", "t"), { seed: 1 });
    expect(measurementsTable(rows, { name: "x" }).trim().split(",")[0]).toBe("micrograph");
    const row = {
      annotationIds: ["a", "b"],
      objectId: null,
      interfaceId: null,
      classId: null,
      quantity: "length",
      value: 1 / 3,
      unit: "nm",
      u: null,
      k: 1,
      n: 2,
      nEff: null,
      interval: null,
      method: 'a "method", quoted',
      parameters: {},
      inputsHash: "",
      warnings: [],
      refusal: null,
    } as const;
    const [, line] = measurementsTable([row], { name: "=HYPERLINK(1)" }).split("\r\n");
    expect(line).toBe(`'=HYPERLINK(1),a b,,length,${1 / 3},nm,,,,2,,"a ""method"", quoted",,`);
  });
});
