import { describe, expect, it } from "vitest";
import { formatPixelSize, parsePixelSize } from "#core/units/pixel-size.ts";
import { formatQuantity } from "#core/units/quantity.ts";

describe("formatQuantity", () => {
  it.each([
    [{ value: 12.3449, u: 0.5571, unit: "nm" }, "12.34 ± 0.56 nm"],
    [{ value: 24785.9, u: 1234, unit: "nm²" }, "24800 ± 1200 nm²"],
    [{ value: 0.5, u: 0.0999, unit: "1" }, "0.50 ± 0.10"],
    [{ value: 9.996, u: 0.996, unit: "px" }, "10.0 ± 1.0 px"],
    [{ value: 41.25, u: 2.04, unit: "°" }, "41.3 ± 2.0°"],
    [{ value: 3.14169, u: null, unit: "nm" }, "3.142 nm"],
    [{ value: 3.14169, u: 0, unit: "px" }, "3.142 px"],
    [{ value: -0.0004, u: 0.12, unit: "nm" }, "0.00 ± 0.12 nm"],
    [{ value: Number.NaN, u: 1, unit: "nm" }, "–"],
  ])("prints %o as %s", (quantity, text) => {
    expect(formatQuantity(quantity)).toBe(text);
  });
});

describe("pixel size", () => {
  it.each([
    ["0.42 nm/px", 0.42, "nm"],
    ["4.2 Å/px", 0.42, "nm"],
    ["0,42 nm / pixel", 0.42, "nm"],
    ["1.3e-3 µm/px", 1.3, "nm"],
    ["420pm", 0.42, "nm"],
    ["0.021 1/nm/px", 0.021, "1/nm"],
    ["0.0021 1/Å", 0.021, "1/nm"],
    ["0.0021 Å^-1", 0.021, "1/nm"],
  ])("reads %s", (text, value, unit) => {
    const size = parsePixelSize(text);
    expect(size.unit).toBe(unit);
    expect(size.value).toBeCloseTo(value, 12);
  });

  it("reads back what it prints", () => {
    for (const size of [
      { value: 0.42, unit: "nm" as const },
      { value: 0.0213, unit: "1/nm" as const },
    ]) {
      expect(parsePixelSize(formatPixelSize(size))).toEqual(size);
    }
  });

  it.each(["", "0.42", "0 nm/px", "-1 nm/px", "0.42 furlong/px", "nm", "NaN nm", "0.42 nm/px please"])(
    "refuses %j",
    (text) => {
      expect(() => parsePixelSize(text)).toThrow(expect.objectContaining({ code: "bad-pixel-size" }));
    },
  );
});
