import type { Page } from "playwright-core";

/**
 * How far the pixels of a tone reach on what is drawn over the marks, along the longer side, screen px; null where there
 * are none. Thin strokes blend with their dark edge: a tone is told by its hue, not by one colour.
 */
export function overlayExtent(page: Page, tone: "pale" | "accent"): Promise<number | null> {
  return page.evaluate((wanted) => {
    const overlay = [...document.querySelectorAll<HTMLCanvasElement>(".konvajs-content canvas")].at(-1);
    if (!overlay) return null;
    const { width, height } = overlay;
    const { data } = overlay.getContext("2d")!.getImageData(0, 0, width, height);
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < data.length; i += 4) {
      const [red, green, , alpha] = data.subarray(i, i + 4) as unknown as [number, number, number, number];
      if (alpha < 128 || green < 110) continue;
      if (green - red > 50 !== (wanted === "accent")) continue;
      const [x, y] = [(i / 4) % width, Math.floor(i / 4 / width)];
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
    return right < left ? null : Math.max(right - left, bottom - top) + 1;
  }, tone);
}
