import type { Modifiers } from "#client/tools/tool.ts";
import { type ScreenPoint, screenPoint } from "#core/geometry/point.ts";

/** What pointers turn out to mean; all places are in CSS px of the routed element. */
export interface PointerHandlers {
  /** True where a plain press moves the picture: the hand tool, or the space bar held. */
  pans(): boolean;
  down(at: ScreenPoint, clicks: number, keys: Modifiers): void;
  move(at: ScreenPoint, keys: Modifiers): void;
  up(at: ScreenPoint, keys: Modifiers): void;
  /** A press that turned out to be no gesture of a tool. */
  interrupt(): void;
  finish(): void;
  pan(dx: number, dy: number): void;
  zoom(factor: number, at: ScreenPoint): void;
  leave(): void;
  panning(active: boolean): void;
}

const doubleClickMs = 400;
const doubleClickPx = 6;
/** One notch of a common mouse wheel (120) zooms by about a fifth. */
const zoomPerWheelPx = 0.0016;
const wheelLinePx = 33;

/**
 * Owns every pointer on `element`: it listens in the capture phase, so that nothing beneath acts on its own. Elements
 * marked `data-own-pointers` (the navigator, a chip) keep theirs. Two fingers pan and zoom in any tool.
 */
export function routePointers(element: HTMLElement, handlers: PointerHandlers): () => void {
  const fingers = new Map<number, ScreenPoint>();
  let mode: "none" | "tool" | "pan" | "pinch" = "none";
  let active = -1;
  let last = screenPoint(0, 0);
  let press = { at: last, time: -Infinity, clicks: 0 };

  const place = (event: MouseEvent): ScreenPoint => {
    const box = element.getBoundingClientRect();
    return screenPoint(event.clientX - box.left, event.clientY - box.top);
  };
  const keysOf = ({ shiftKey, altKey, ctrlKey, metaKey }: MouseEvent): Modifiers => ({
    shift: shiftKey,
    alt: altKey,
    ctrl: ctrlKey || metaKey,
  });
  const isOthers = (event: Event) =>
    event.target instanceof Element && event.target.closest("[data-own-pointers]") !== null;

  const down = (event: PointerEvent) => {
    if (isOthers(event)) return;
    event.stopPropagation();
    const at = place(event);
    if (event.pointerType === "touch") fingers.set(event.pointerId, at);
    if (fingers.size === 2) {
      if (mode === "tool") handlers.interrupt();
      mode = "pinch";
      return;
    }
    if (mode !== "none") return;
    element.setPointerCapture(event.pointerId);
    active = event.pointerId;
    last = at;
    if (event.button === 1 || (event.button === 0 && handlers.pans())) {
      event.preventDefault();
      mode = "pan";
      handlers.panning(true);
    } else if (event.button === 0) {
      const again = event.timeStamp - press.time < doubleClickMs && apart(press.at, at) < doubleClickPx;
      press = { at, time: event.timeStamp, clicks: again ? press.clicks + 1 : 1 };
      mode = "tool";
      handlers.down(at, press.clicks, keysOf(event));
    }
  };

  const move = (event: PointerEvent) => {
    if (mode === "none" && isOthers(event)) return;
    event.stopPropagation();
    const at = place(event);
    if (mode === "pinch") return pinch(event.pointerId, at);
    if (mode === "pan") {
      if (event.pointerId !== active) return;
      handlers.pan(at.x - last.x, at.y - last.y);
      last = at;
    } else if (mode === "none" || event.pointerId === active) {
      // A fast hand makes several points between two frames; a drawn line keeps them.
      const points = mode === "tool" ? event.getCoalescedEvents() : [];
      for (const point of points.length > 1 ? points : [event]) handlers.move(place(point), keysOf(event));
    }
  };

  const pinch = (id: number, at: ScreenPoint) => {
    const before = fingers.get(id);
    const other = [...fingers].find(([finger]) => finger !== id)?.[1];
    if (!before || !other) return;
    fingers.set(id, at);
    const centre = screenPoint((at.x + other.x) / 2, (at.y + other.y) / 2);
    handlers.pan((at.x - before.x) / 2, (at.y - before.y) / 2);
    const spread = apart(before, other);
    if (spread > 8) handlers.zoom(apart(at, other) / spread, centre);
  };

  const up = (event: PointerEvent) => {
    fingers.delete(event.pointerId);
    if (mode === "pinch") {
      if (fingers.size === 0) mode = "none";
      return;
    }
    if (event.pointerId !== active || mode === "none") return;
    event.stopPropagation();
    const was = mode;
    mode = "none";
    active = -1;
    if (was === "pan") handlers.panning(false);
    else if (event.type === "pointercancel") handlers.interrupt();
    else handlers.up(place(event), keysOf(event));
  };

  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    event.stopPropagation();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? wheelLinePx : 1;
    // A pinch on a touchpad comes as a wheel with Ctrl, in smaller steps.
    const strength = event.ctrlKey ? 6 : 1;
    handlers.zoom(Math.exp(-event.deltaY * lines * zoomPerWheelPx * strength), place(event));
  };

  const menu = (event: MouseEvent) => {
    if (isOthers(event)) return;
    event.preventDefault();
    handlers.finish();
  };
  // The browser would give the focus to whatever lies beneath; the picture as a whole takes it.
  const keepFocus = (event: MouseEvent) => {
    if (!isOthers(event)) event.preventDefault();
  };
  const leave = () => {
    if (mode === "none") handlers.leave();
  };

  const listening = new AbortController();
  const options = { capture: true, signal: listening.signal } as const;
  element.addEventListener("pointerdown", down, options);
  element.addEventListener("pointermove", move, options);
  element.addEventListener("pointerup", up, options);
  element.addEventListener("pointercancel", up, options);
  element.addEventListener("wheel", wheel, { ...options, passive: false });
  element.addEventListener("contextmenu", menu, options);
  element.addEventListener("mousedown", keepFocus, options);
  element.addEventListener("pointerleave", leave, { signal: listening.signal });
  return () => listening.abort();
}

function apart(a: ScreenPoint, b: ScreenPoint): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
