import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toneCurve } from "#core/pyramid/display-window.ts";
import { type Harness, startHarness } from "../../scripts/canvas-harness/harness-server.ts";
import { launchBrowser, openWindow } from "./browser.ts";

/** What tiles may take in the browser. */
const tileMemoryBytes = 256 * 2 ** 20;
/** 5760 × 4608 px of 16 bits: over a hundred tiles at full resolution in either form, more than twice what may be kept. */
let harness: Harness;
let browser: Browser;
let page: Page;
let close: () => Promise<void>;

beforeAll(async () => {
  harness = await startHarness(512, 12);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await harness?.close();
});
beforeEach(async () => {
  const opened = await openWindow(browser, { viewport: { width: 1600, height: 1200 } });
  page = opened.page;
  close = () => opened.context.close();
  await page.goto(new URL("viewer.html", harness.url).href);
  await page.waitForFunction(() => "viewerPage" in window);
});
afterEach(() => close());

describe("the picture in a browser", () => {
  it("keeps tiles within its memory, however much of a large picture was looked at", async () => {
    const session = await page.context().newCDPSession(page);
    const views = await page.evaluate(`(async () => {
      const { viewerPage } = window;
      window.viewer = viewerPage.open();
      return await viewerPage.visitEverything(window.viewer);
    })()`);
    expect(views).toBeGreaterThan(10);
    const tiles = new Set(harness.requests.filter((path) => path.endsWith(".bin"))).size;
    expect(tiles).toBeGreaterThan(100);

    const canvasBytes = async () => (await page.evaluate("window.viewerPage.canvasBytes()")) as number;
    const heldBytes = async () => {
      await session.send("HeapProfiler.collectGarbage");
      await session.send("HeapProfiler.collectGarbage");
      const usage = (await session.send("Runtime.getHeapUsage")) as { backingStorageSize?: number };
      return (await canvasBytes()) + (usage.backingStorageSize ?? 0);
    };
    // All of them would be far more; 32 empty canvases wait for their next tile.
    const spare = 32 * 2 ** 20;
    await expect.poll(heldBytes).toBeLessThan(tileMemoryBytes + spare);
    expect(await canvasBytes()).toBeGreaterThan(12 * 2 ** 20);
  });

  it("says of a value whether it is the recorded one", async () => {
    const at = { x: 3801, y: 2843 };
    const [far, near] = (await page.evaluate(`(async () => {
      const { viewerPage } = window;
      const viewer = viewerPage.open();
      const at = ${JSON.stringify(at)};
      await viewerPage.idle(() => viewer.frameShown() && viewer.intensityAt(at) !== null);
      const far = viewer.intensityAt(at);
      viewer.lookAt({ ...at, width: 400 });
      await viewerPage.idle(() => viewer.intensityAt(at)?.exact === true);
      return [far, viewer.intensityAt(at)];
    })()`)) as [{ exact: boolean; value: number }, { exact: boolean; value: number }];
    expect(far.exact).toBe(false);
    expect(near).toEqual({ value: harness.valueAt(at.x, at.y), exact: true, colour: null });
  });

  it("a narrow window shows the steps that the data have, not those of 8 bits", async () => {
    const { low, high } = harness.micrograph.signals[0]!.window;
    // The middle of a view of 400 × 300 px around (1800, 1600), of which every pixel is known.
    const values = Array.from({ length: 200 * 150 }, (_, i) =>
      harness.valueAt(1700 + (i % 200), 1525 + Math.floor(i / 200)),
    );
    const middle = values.toSorted((a, b) => a - b)[values.length >> 1]!;
    const steps = 60;
    const window = { low: middle - steps / 2, high: middle + steps / 2 };
    const expected = new Set(values.map(toneCurve(window))).size;
    // What the light tiles could tell apart in it:
    const lightSteps = Math.ceil((255 * steps) / (high - low)) + 1;
    await page.evaluate(`(async () => {
      const { viewerPage } = window;
      const viewer = (window.viewer = viewerPage.open());
      await viewerPage.idle(() => viewer.frameShown());
      const before = performance.getEntriesByType("resource").length;
      viewer.setDisplay({ ...viewerPage.served, ...${JSON.stringify(window)} });
      // From afar, too, recorded values take the place of the light tiles.
      const came = () => performance.getEntriesByType("resource").slice(before).map(({ name }) => name);
      await viewerPage.idle(() => viewer.frameShown() && came().some((name) => name.endsWith(".bin")));
      // Pixels as squares: nothing between two values is made up.
      viewer.lookAt({ x: 1800, y: 1600, width: innerWidth / 4 });
      // More than one tile lies under it.
      const corners = [[1701, 1526], [1899, 1526], [1701, 1674], [1899, 1674]];
      const isExact = () => corners.every(([x, y]) => viewer.intensityAt({ x, y })?.exact === true);
      await viewerPage.idle(isExact);
    })()`);
    expect(expected).toBeGreaterThan(2 * lightSteps);
    await expect.poll(() => page.evaluate("viewerPage.shadesSeen(window.viewer)")).toBe(expected);
  });
});
