import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { calibratedTiff } from "#core/synthetic/calibrated-tiff.ts";
import { renderState } from "#core/synthetic/render-state.ts";
import { syntheticStates } from "#core/synthetic/states.ts";
import { readConfig } from "#server/config.ts";
import { startServer } from "#server/main.ts";
import { findChromium } from "../chromium.mjs";
import type { Bench, BenchRow } from "./bench.ts";
import { noiseImage } from "./noise-image.ts";
import { windowChange } from "./window-change.ts";

const edits = Number(process.env["LAMELLA_BENCH_EDITS"] ?? 30);

/**
 * What people feel, in real browsers on a real server: bytes and time of the first page, and how long a finished
 * gesture takes until the other screen lists the mark (commit on disk included).
 */
export const bench: Bench = {
  name: "screens",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "lamella-screens-"));
    const config = readConfig(["--port", "0", "--no-demo", "--data", join(folder, "data")], {});
    const started = performance.now();
    const server = await startServer(config);
    const rows: BenchRow[] = [
      { case: "server ready after", value: round(performance.now() - started), unit: "ms" },
    ];
    const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"];
    const browsers = await Promise.all(
      [1, 2].map(() => chromium.launch({ executablePath: findChromium(), args })),
    );
    try {
      const [first, second] = (await Promise.all(
        browsers.map((browser) => browser.newPage({ viewport: { width: 1440, height: 900 } })),
      )) as [Page, Page];
      const bytes = await countBytes(first);
      await first.goto(server.adminLink);
      await first.getByRole("heading", { name: "Projects" }).waitFor();
      rows.push({ case: "project list, first load", value: round(bytes() / 1000), unit: "kB" });

      const project = await api<{ id: string }>(first, "POST", "/api/v1/projects", { name: "screens" });
      const micrographId = await addPicture(server, folder, project.id);
      const address = `${server.url}/micrographs/${micrographId}`;
      const before = bytes();
      const opened = performance.now();
      await first.goto(address);
      await first.locator('[data-state="saved"][aria-live]').waitFor();
      rows.push(
        {
          case: "workspace, further load with the picture",
          value: round((bytes() - before) / 1000),
          unit: "kB",
        },
        { case: "workspace, until saved", value: round(performance.now() - opened), unit: "ms" },
      );

      const link = await api<{ url: string }>(first, "POST", `/api/v1/projects/${project.id}/invitations`, {
        role: "annotator",
        waitingRoom: false,
        path: `/micrographs/${micrographId}`,
      });
      await second.goto(link.url);
      await second.getByLabel("Your name").fill("Grace");
      await second.getByRole("button", { name: "Come in" }).click();
      await second.locator('[data-state="saved"][aria-live]').waitFor();
      rows.push(...(await editLatency(first, second)));
      rows.push(...(await firstView(first, server, folder, project.id)));
    } finally {
      await Promise.all(browsers.map((browser) => browser.close()));
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    }
    return [...rows, ...(await windowChange())];
  },
};

async function addPicture(
  server: Awaited<ReturnType<typeof startServer>>,
  folder: string,
  projectId: string,
): Promise<string> {
  const state = syntheticStates.at(-1)!;
  const { counts, widthPx, heightPx, truth } = renderState(state, 1, 1024);
  const path = join(folder, "picture.tif");
  writeFileSync(path, calibratedTiff(counts, widthPx, heightPx, truth.nmPerPx, "nm"));
  const administrator = (await server.catalogue.administrator())!;
  const { sourceId } = await server.ingest.ingestFile(path, { projectId, principalId: administrator.id });
  await server.ingest.settled(sourceId);
  return (await server.ingest.catalogue.source(sourceId))!.micrographs[0]!;
}

/** A large picture of 16 bits, from the address to the last tile of its first view; the pages are known already. */
async function firstView(
  page: Page,
  server: Awaited<ReturnType<typeof startServer>>,
  folder: string,
  projectId: string,
): Promise<BenchRow[]> {
  const side = 4096;
  const image = noiseImage(side);
  const counts = new Uint16Array(side * side);
  for (let y = 0; y < side; y += 512)
    counts.set((await image.readRegion(0, 0, y, side, 512)).data as Uint16Array, y * side);
  const path = join(folder, "large.tif");
  writeFileSync(path, calibratedTiff(counts, side, side, 0.1, "nm"));
  const administrator = (await server.catalogue.administrator())!;
  const { sourceId } = await server.ingest.ingestFile(path, { projectId, principalId: administrator.id });
  await server.ingest.settled(sourceId);
  const id = (await server.ingest.catalogue.source(sourceId))!.micrographs[0]!;
  await page.goto(`${server.url}/micrographs/${id}`);
  const found = await page.evaluate(async () => {
    const tiles = () =>
      (performance.getEntriesByType("resource") as PerformanceResourceTiming[]).filter(({ name }) =>
        name.includes("/tiles/"),
      );
    const wait = () => new Promise((resolve) => setTimeout(resolve, 500));
    for (let before = -1; before < 1 || before !== tiles().length; await wait()) before = tiles().length;
    return {
      tiles: tiles().length,
      native: tiles().filter(({ name }) => name.endsWith(".bin")).length,
      bytes: tiles().reduce((sum, { transferSize }) => sum + transferSize, 0),
      lastMs: Math.max(...tiles().map(({ responseEnd }) => responseEnd)),
    };
  });
  const what = `first view of ${side}² 16 bits`;
  return [
    { case: `${what}: until its last tile is there (bar 1000)`, value: round(found.lastMs), unit: "ms" },
    { case: `${what}: tiles (bar 1500)`, value: round(found.bytes / 1000), unit: "kB" },
    { case: `${what}: tiles, of them native`, value: found.native, unit: `of ${found.tiles}` },
  ];
}

/** One line after the other in the first window; each is timed until the second window's list has it. */
async function editLatency(first: Page, second: Page): Promise<BenchRow[]> {
  await second.evaluate(`(() => {
    window.seen = [];
    const count = () => Number(/^(\\d+) marks?$/m.exec(document.body.innerText)?.[1] ?? 0);
    new MutationObserver(() => {
      const n = count();
      if (n > window.seen.length) while (window.seen.length < n) window.seen.push(performance.timeOrigin + performance.now());
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  })()`);
  await first.evaluate(
    `addEventListener("pointerup", () => { window.releasedAt = performance.timeOrigin + performance.now(); }, true)`,
  );
  const picture = first.getByLabel(/: the picture\./);
  const box = (await picture.boundingBox())!;
  await picture.focus();
  const latencies: number[] = [];
  for (let i = 0; i < edits; i++) {
    await first.keyboard.press("m");
    const y = box.y + 100 + (i % 15) * 30;
    await first.mouse.move(box.x + 200, y);
    await first.mouse.down();
    await first.mouse.move(box.x + 400, y + 10, { steps: 5 });
    await first.mouse.up();
    const at = (await first.evaluate("window.releasedAt")) as number;
    await arrival(second, i);
    latencies.push(((await second.evaluate(`window.seen[${i}]`)) as number) - at);
  }
  latencies.sort((a, b) => a - b);
  const quantile = (q: number) =>
    round(latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))]!);
  return [
    { case: "gesture to the other screen, p50", value: quantile(0.5), unit: "ms" },
    { case: "gesture to the other screen, p95", value: quantile(0.95), unit: "ms" },
  ];
}

/** Resolves when the second window has listed mark i; the page's own policy forbids polling by evaluated predicates. */
async function arrival(page: Page, i: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await page.evaluate(`window.seen.length > ${i}`))) {
    if (performance.now() > deadline)
      throw new Error(`Mark ${i + 1} did not reach the other screen within 10 s.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Bytes on the wire for a page, from the browser's own accounting. */
async function countBytes(page: Page): Promise<() => number> {
  const session = await page.context().newCDPSession(page);
  let bytes = 0;
  session.on("Network.loadingFinished", ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await session.send("Network.enable");
  return () => bytes;
}

async function api<Answer>(page: Page, method: string, path: string, data: unknown): Promise<Answer> {
  const url = new URL(path, page.url()).href;
  const answer = await page.request.fetch(url, {
    method,
    data,
    headers: { "x-lamella": "1", origin: new URL(url).origin },
  });
  if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

const round = (value: number) => Math.round(value * 10) / 10;
