import { chromium } from "playwright-core";
import { startHarness } from "../canvas-harness/harness-server.ts";
import type { WindowChange } from "../canvas-harness/viewer-page.ts";
import { findChromium } from "../chromium.mjs";
import type { BenchRow } from "./bench.ts";

/** Five by four tiles of 512 px at one pixel of the picture on one of the screen. */
const viewport = { width: 2560, height: 2048 };

/** A change of the display window on 16-bit tiles, beside OpenSeadragon drawing the same tiles again as pictures. */
export async function windowChange(): Promise<readonly BenchRow[]> {
  const harness = await startHarness(1024, 4);
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    const page = await browser.newPage({ viewport });
    await page.goto(new URL("viewer.html", harness.url).href);
    await page.waitForFunction(() => "measureWindowChange" in window);
    const found = await page.evaluate(() =>
      (window as never as { measureWindowChange(): Promise<WindowChange> }).measureWindowChange(),
    );
    const redraw = median(found.redraws);
    const [first, whole] = [median(found.firstFrames), median(found.whole)];
    return [
      { case: "window change: tiles shaded anew", value: found.tiles, unit: "tiles of 512 px" },
      { case: "window change: requests (bar 0)", value: found.requests, unit: "requests" },
      { case: "table pass of 20 tiles of 16 bits (bar 16)", value: median(found.tablePasses), unit: "ms" },
      { case: "OpenSeadragon drawing the same tiles again", value: redraw, unit: "ms" },
      { case: "first frame in the new window", value: first, unit: "ms" },
      { case: "first frame, beyond twice OpenSeadragon's (bar 16)", value: first - 2 * redraw, unit: "ms" },
      { case: "every tile in the new window", value: whole, unit: "ms" },
      { case: "every tile, beyond twice OpenSeadragon's", value: whole - 2 * redraw, unit: "ms" },
    ];
  } finally {
    await browser.close();
    await harness.close();
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[sorted.length >> 1]! * 10) / 10;
}
