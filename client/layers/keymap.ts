import type { ToolId } from "#client/state/tool-store.ts";

/** What a key means while the picture has the focus. */
export type PictureKey =
  | { readonly type: "tool"; readonly tool: ToolId }
  | { readonly type: "class"; readonly key: string }
  | {
      readonly type:
        | "finish"
        | "cancel"
        | "remove"
        | "undo"
        | "redo"
        | "duplicate"
        | "hide"
        | "laser"
        | "swap-side";
    }
  | { readonly type: "arrow"; readonly dx: number; readonly dy: number }
  | { readonly type: "fit" | "fit-selection" | "one-to-one" | "zoom-in" | "zoom-out" }
  | { readonly type: "frame"; readonly by: number }
  | { readonly type: "signal" }
  | { readonly type: "brush"; readonly by: number }
  | { readonly type: "pair" };

/** Tools by letter. R, E, P, F, B draw a region of the current class; D and X preset theirs. */
export const toolKeys: Readonly<Record<string, ToolId>> = {
  v: "select",
  h: "pan",
  r: "rectangle",
  e: "ellipse",
  p: "polygon",
  f: "freehand",
  b: "brush",
  d: "delamination",
  x: "damage",
  i: "trace",
  m: "line",
  l: "profile",
  u: "fourier",
  c: "pin",
  k: "calibrate",
};

const plain: Readonly<Record<string, PictureKey>> = {
  Enter: { type: "finish" },
  Escape: { type: "cancel" },
  Backspace: { type: "remove" },
  Delete: { type: "remove" },
  /** While an interface is traced: the other side of it. */
  "/": { type: "swap-side" },
  o: { type: "hide" },
  z: { type: "laser" },
  /** Two selected traces become the two sides of one interface. */
  g: { type: "pair" },
  /** The next of the signals that were recorded together. */
  s: { type: "signal" },
  "[": { type: "brush", by: 1 / 1.25 },
  "]": { type: "brush", by: 1.25 },
  ",": { type: "frame", by: -1 },
  ".": { type: "frame", by: 1 },
  "+": { type: "zoom-in" },
  "=": { type: "zoom-in" },
  "-": { type: "zoom-out" },
};

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** By place on the keyboard: Shift changes what these keys type from layout to layout. */
const shifted: Readonly<Record<string, PictureKey>> = {
  Digit1: { type: "fit" },
  Digit2: { type: "fit-selection" },
  Digit0: { type: "one-to-one" },
};

type Pressed = Pick<
  KeyboardEvent,
  "key" | "code" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey" | "isComposing"
>;

/** The meaning of a key press, or null where it belongs to the browser or the page. */
export function pictureKey(event: Pressed): PictureKey | null {
  if (event.isComposing || event.altKey) return null;
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) {
    if (letter === "z") return { type: event.shiftKey ? "redo" : "undo" };
    if (letter === "y") return { type: "redo" };
    if (letter === "d") return { type: "duplicate" };
    return null;
  }
  const arrow = arrows[event.key];
  if (arrow) {
    const by = event.shiftKey ? 10 : 1;
    return { type: "arrow", dx: arrow[0] * by, dy: arrow[1] * by };
  }
  if (event.shiftKey && shifted[event.code]) return shifted[event.code]!;
  if (plain[letter]) return plain[letter]!;
  if (event.shiftKey) return null;
  if (/^[1-9]$/.test(letter)) return { type: "class", key: letter };
  const tool = toolKeys[letter];
  return tool ? { type: "tool", tool } : null;
}
