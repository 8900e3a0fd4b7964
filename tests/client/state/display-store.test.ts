import { afterEach, expect, it } from "vitest";
import { type Display, useDisplayStore } from "#client/state/display-store.ts";

const state = () => useDisplayStore.getState();
const windowed = (low: number, high: number): Display => ({
  ...{ low, high, gamma: 1, invert: false, colourMap: "grey" },
});

afterEach(() => state().startAnew());

it("each signal keeps its own contrast: what was chosen for bright field does not blacken dark field", () => {
  state().setDisplay(windowed(100, 900));
  state().setSignal("1");
  expect(state().display).toBeNull();
  state().setDisplay(windowed(2, 7));
  state().setSignal("0");
  expect(state().display).toEqual(windowed(100, 900));
  state().setSignal("1");
  expect(state().display).toEqual(windowed(2, 7));
});

it("to choose the signal that is shown changes nothing", () => {
  state().setDisplay(windowed(1, 2));
  const before = state();
  state().setSignal("0");
  expect(state()).toBe(before);
});

it("another micrograph starts as it is served, whatever was chosen for this one", () => {
  state().setDisplay(windowed(1, 2));
  state().setSignal("1");
  state().setFrame(3);
  state().startAnew();
  expect(state()).toMatchObject({ display: null, signal: "0", frame: 0 });
  state().setSignal("1");
  expect(state().display).toBeNull();
});
