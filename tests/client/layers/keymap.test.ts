import { expect, it } from "vitest";
import { pictureKey } from "#client/layers/keymap.ts";

const press = (key: string, more: Partial<Parameters<typeof pictureKey>[0]> = {}) =>
  pictureKey({
    key,
    code: "",
    shiftKey: false,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    isComposing: false,
    ...more,
  });

it("letters choose tools, with and without caps lock", () => {
  expect(press("v")).toEqual({ type: "tool", tool: "select" });
  expect(press("D")).toEqual({ type: "tool", tool: "delamination" });
  expect(press("i")).toEqual({ type: "tool", tool: "trace" });
  expect(press("l")).toEqual({ type: "tool", tool: "profile" });
  expect(press("U")).toEqual({ type: "tool", tool: "fourier" });
});

it("S leads to the next signal, and is the browser's or the page's with Ctrl", () => {
  expect(press("s")).toEqual({ type: "signal" });
  expect(press("s", { ctrlKey: true })).toBeNull();
});

it("what is composed or belongs to the browser is left alone", () => {
  expect(press("v", { isComposing: true })).toBeNull();
  expect(press("r", { ctrlKey: true })).toBeNull();
  expect(press("p", { metaKey: true })).toBeNull();
  expect(press("d", { altKey: true })).toBeNull();
});

it("undo and redo by both customs", () => {
  expect(press("z", { ctrlKey: true })).toEqual({ type: "undo" });
  expect(press("Z", { metaKey: true, shiftKey: true })).toEqual({ type: "redo" });
  expect(press("y", { ctrlKey: true })).toEqual({ type: "redo" });
});

it("Shift and a digit set the view by the key's place, whatever it types", () => {
  expect(press("!", { code: "Digit1", shiftKey: true })).toEqual({ type: "fit" });
  expect(press('"', { code: "Digit2", shiftKey: true })).toEqual({ type: "fit-selection" });
  expect(press("3")).toEqual({ type: "class", key: "3" });
});

it("arrows go ten times as far with Shift", () => {
  expect(press("ArrowLeft")).toEqual({ type: "arrow", dx: -1, dy: 0 });
  expect(press("ArrowDown", { shiftKey: true })).toEqual({ type: "arrow", dx: 0, dy: 10 });
});
