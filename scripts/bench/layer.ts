import { chromium, type Page } from "playwright-core";
import { createRandom } from "#core/random/generator.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import { startHarness } from "../canvas-harness/harness-server.ts";
import type { CanvasHarness } from "../canvas-harness/page.ts";
import { findChromium } from "../chromium.mjs";
import type { Bench, BenchRow } from "./bench.ts";

const seed = Number(process.env.SEED ?? 3);
const markCounts = [0, 1_000, 10_000] as const;
const verticesPerMark = 20;
const framesPerRun = 90;

/**
 * Marks over the picture in a real browser: time from frame to frame while a script pans and zooms, with no marks
 * (OpenSeadragon alone), with 1,000 and with 10,000, in one run; and the time from a selection to its paint.
 * Frames are quantised to the screen's 16.7 ms; the browser draws in software.
 */
export const bench: Bench = {
  name: "layer",
  async run() {
    const harness = await startHarness(2048);
    const browser = await chromium.launch({
      executablePath: findChromium(),
      args: ["--no-sandbox", "--disable-gpu"],
    });
    const rows: BenchRow[] = [];
    try {
      for (const count of markCounts) {
        const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
        await page.goto(harness.url);
        await page.waitForFunction(
          () => "harness" in window && (window as never as { harness: CanvasHarness }).harness.viewer,
        );
        await page.waitForLoadState("networkidle");
        rows.push(
          ...(await measure(page, count, marks(count, harness.micrograph.width, harness.micrograph.height))),
        );
        await page.close();
      }
    } finally {
      await browser.close();
      await harness.close();
    }
    return rows;
  },
};

type Outline = readonly (readonly [number, number])[];

function marks(count: number, width: number, height: number): readonly Outline[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const [x, y, r] = [random() * width, random() * height, 6 + random() * 18];
    return Array.from({ length: verticesPerMark }, (_, i) => {
      const angle = (2 * Math.PI * i) / verticesPerMark;
      const reach = r * (0.75 + 0.5 * random());
      return [x + reach * Math.cos(angle), y + reach * Math.sin(angle)] as const;
    });
  });
}

async function measure(page: Page, count: number, outlines: readonly Outline[]): Promise<BenchRow[]> {
  const loadMs = await page.evaluate(async (shapes) => {
    const { harness } = window as never as { harness: CanvasHarness };
    const commands = shapes.map((points, i) => ({
      type: "create" as const,
      id: `bench-${String(i).padStart(6, "0")}`,
      annotation: {
        kind: "region" as const,
        classId: `class-${1 + (i % 4)}`,
        origin: [{ by: "drawn" as const, tool: "bench", version: "1" }],
        rings: [{ closed: true, hole: false, points }],
      },
    }));
    const start = performance.now();
    if (commands.length > 0) harness.document.execute({ type: "together", commands });
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return performance.now() - start;
  }, outlines);

  const rows: BenchRow[] = count
    ? [{ case: `${count} marks: create to paint`, value: loadMs, unit: "ms" }]
    : [];
  for (const [name, zoom] of [
    ["whole image", 1],
    ["a sixteenth", 4],
  ] as const) {
    const times = await page.evaluate(moveView, { zoom, frames: framesPerRun });
    const label = count === 0 ? "no marks" : `${count} marks`;
    for (const [motion, values] of Object.entries(times)) {
      rows.push({ case: `${label}, ${name}, ${motion} p50`, value: quantile(values, 0.5), unit: "ms" });
      rows.push({ case: `${label}, ${name}, ${motion} p95`, value: quantile(values, 0.95), unit: "ms" });
    }
  }
  if (count > 0) {
    const times = await page.evaluate(selectMarks, count);
    rows.push({ case: `${count} marks: select to paint p50`, value: quantile(times, 0.5), unit: "ms" });
    rows.push({ case: `${count} marks: select to paint p95`, value: quantile(times, 0.95), unit: "ms" });
  }
  return rows;
}

/** Runs in the page: one step of the view a frame; answers the times between frames. */
async function moveView({ zoom, frames }: { readonly zoom: number; readonly frames: number }) {
  const { harness } = window as never as { harness: CanvasHarness };
  const viewer = harness.viewer!;
  viewer.fit();
  viewer.zoomBy(zoom);
  const nextFrame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
  for (let i = 0; i < 40; i++) await nextFrame();
  const run = async (step: (i: number) => void) => {
    const times: number[] = [];
    let last = await nextFrame();
    for (let i = 0; i < frames; i++) {
      step(i);
      const now = await nextFrame();
      times.push(now - last);
      last = now;
    }
    return times;
  };
  return {
    pan: await run((i) => viewer.panBy(6 * Math.sin(i / 9), 4 * Math.cos(i / 9))),
    zoom: await run((i) => viewer.zoomBy(i % 60 < 30 ? 1.03 : 1 / 1.03)),
  };
}

/** Runs in the page: selects one mark after another and waits for the frame that shows it. */
async function selectMarks(count: number) {
  const { harness } = window as never as { harness: CanvasHarness };
  const ids = [...(harness.document.annotations() as ReadonlyMap<string, Annotation>).keys()];
  const times: number[] = [];
  for (let i = 0; i < 30; i++) {
    const start = performance.now();
    harness.selection.getState().select([ids[Math.floor((i * count) / 30)]!]);
    await new Promise<void>((resolve) =>
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => resolve();
        channel.port2.postMessage(null);
      }),
    );
    times.push(performance.now() - start);
  }
  return times;
}

function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Number(sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))]!.toFixed(1));
}
