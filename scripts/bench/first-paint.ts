import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import * as Y from "yjs";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import { packOutline, toStored } from "#core/document/packed-outline.ts";
import { annotationsMap, outlineKey } from "#core/document/record-layout.ts";
import { createRandom } from "#core/random/generator.ts";
import { createRecordId } from "#core/schema/ids.ts";
import { calibratedTiff } from "#core/synthetic/calibrated-tiff.ts";
import { readConfig } from "#server/config.ts";
import { startServer } from "#server/main.ts";
import { findChromium } from "../chromium.mjs";
import type { Bench, BenchRow } from "./bench.ts";
import { drawRegion, randomOutline } from "./drawn-region.ts";

const vertices = 20;
const [width, height] = [2048, 1536];
/** A server takes updates up to a size. */
const marksAtOnce = 10_000;

type Server = Awaited<ReturnType<typeof startServer>>;

declare global {
  interface Window {
    firstMarkMs?: number;
  }
}

/**
 * Opening a micrograph of very many marks in a real browser, whole program, from the address: until its first mark is on
 * the screen, and until the document is there and says so. `--marks 10000,100000`; the browser draws in software.
 */
export const bench: Bench = {
  name: "first-paint",
  async run(flags) {
    const at = flags.indexOf("--marks");
    const counts = (at < 0 ? "10000,100000" : flags[at + 1]!).split(",").map(Number);
    const folder = mkdtempSync(join(tmpdir(), "lamella-paint-"));
    const config = readConfig(["--port", "0", "--no-demo", "--data", join(folder, "data")], {
      LAMELLA_LOG: "silent",
    });
    const webFolder = process.env.LAMELLA_BENCH_WEB ?? config.webFolder;
    if (!existsSync(join(webFolder, "index.html")))
      throw new Error(`Expected the built client in ${webFolder}; run "npm run build" first.`);
    let server = await startServer({ ...config, webFolder });
    const restarted = async () => {
      // The same address: the browser keeps the program, and its compiled form, by that.
      const port = Number(new URL(server.url).port);
      await server.close();
      server = await startServer({ ...config, port, webFolder });
      return server;
    };
    const browser = await chromium.launch({
      executablePath: findChromium(),
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
    });
    try {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      await page.goto(server.adminLink);
      await page.getByRole("heading", { name: "Projects" }).waitFor();
      await page.addInitScript(watchForMarks);
      const rows: BenchRow[] = [];
      for (const count of counts) rows.push(...(await paint(server, restarted, page, folder, count)));
      return rows;
    } finally {
      await browser.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function paint(
  server: Server,
  restarted: () => Promise<Server>,
  page: Page,
  folder: string,
  count: number,
): Promise<BenchRow[]> {
  await page.goto(server.url);
  const micrographId = await addPicture(server, page, folder);
  // The browser has the program: what is compared is the opening of the room.
  await page.goto(`${server.url}/micrographs/${micrographId}`);
  await page.locator('[data-state="saved"][aria-live]').waitFor({ timeout: 120_000 });
  await page.goto(server.url);
  await addMarks(server, micrographId, count);
  const rows: BenchRow[] = [];
  for (const which of ["first opening", "second opening", "first opening after a restart"]) {
    // Out of the room, and in it again: nobody else is there.
    await page.goto(server.url);
    const { url } = which.endsWith("restart") ? await restarted() : server;
    // Nothing of it on this computer: the copy that the page keeps goes with its origin's storage.
    await page.evaluate(async () => {
      for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name!);
    });
    await page.goto(`${url}/micrographs/${micrographId}`, { waitUntil: "commit" });
    await page.waitForFunction(() => window.firstMarkMs !== undefined, null, { timeout: 120_000 });
    const firstMs = await page.evaluate(() => window.firstMarkMs!);
    await page.locator('[data-state="saved"][aria-live]').waitFor({ timeout: 120_000 });
    const savedMs = await page.evaluate(() => performance.now());
    rows.push(
      { case: `${count} marks, ${which}: first mark painted after`, value: firstMs, unit: "ms" },
      { case: `${count} marks, ${which}: saved after`, value: savedMs, unit: "ms" },
    );
  }
  return rows;
}

async function addPicture(server: Server, page: Page, folder: string): Promise<string> {
  const project = await page.evaluate(async () => {
    const answer = await fetch("/api/v1/projects", {
      method: "POST",
      headers: { "content-type": "application/json", "x-lamella": "1" },
      body: JSON.stringify({ name: "paint" }),
    });
    return (await answer.json()) as { id: string };
  });
  const counts = Uint16Array.from({ length: width * height }, (_, i) => (i * 7) % 4_096);
  const path = join(folder, "picture.tif");
  writeFileSync(path, calibratedTiff(counts, width, height, 0.1, "nm"));
  const administrator = (await server.catalogue.administrator())!;
  const { sourceId } = await server.ingest.ingestFile(path, {
    projectId: project.id,
    principalId: administrator.id,
  });
  await server.ingest.settled(sourceId);
  return (await server.ingest.catalogue.source(sourceId))!.micrographs[0]!;
}

async function addMarks({ rooms, catalogue }: Server, micrographId: string, count: number): Promise<void> {
  const { id } = (await catalogue.administrator())!;
  const random = createRandom(20_260);
  const sample = sampleRecord(random);
  for (let done = 0; done < count; done += marksAtOnce) {
    await rooms.writeAsServer(`micrograph:${micrographId}:annotations`, id, (doc) => {
      const records = annotationsMap(doc);
      for (let i = done; i < Math.min(count, done + marksAtOnce); i++)
        records.set(
          createRecordId(random),
          new Y.Map<unknown>([...sample, [outlineKey, packOutline([outline(random)])]]),
        );
    });
  }
}

/** What a mark holds beside its outline. */
function sampleRecord(random: () => number): [string, unknown][] {
  const doc = new Y.Doc();
  const id = createRecordId(random);
  openAnnotationDocument(doc, { random }).execute(drawRegion(id, randomOutline(random)));
  return [...(annotationsMap(doc).get(id) as Y.Map<unknown>).entries()].filter(([key]) => key !== outlineKey);
}

function outline(random: () => number) {
  const [cx, cy, r] = [random() * width, random() * height, 4 + random() * 12];
  return {
    closed: true,
    hole: false,
    vertices: Array.from({ length: vertices }, (_, id) => {
      const angle = (2 * Math.PI * id) / vertices;
      const reach = r * (0.75 + 0.5 * random());
      return {
        id,
        x: toStored(cx + reach * Math.cos(angle)),
        y: toStored(cy + reach * Math.sin(angle)),
        removed: false,
      };
    }),
  };
}

/**
 * In the page: looks at the layers of marks with every frame, until anything is on one of them. Only some rows of pixels:
 * to read whole layers takes a tenth of what is to be measured.
 */
function watchForMarks(): void {
  const rows = 24;
  const look = () => {
    for (const canvas of document.querySelectorAll<HTMLCanvasElement>(".konvajs-content canvas")) {
      if (canvas.width === 0 || canvas.height === 0) continue;
      const context = canvas.getContext("2d")!;
      for (let row = 0; row < rows; row++) {
        const y = Math.floor(((row + 0.5) * canvas.height) / rows);
        const { data } = context.getImageData(0, y, canvas.width, 1);
        for (let i = 3; i < data.length; i += 4) {
          if (data[i]! > 0) {
            window.firstMarkMs = performance.now();
            return;
          }
        }
      }
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
