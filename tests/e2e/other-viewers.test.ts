import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, look, openWindow } from "./browser.ts";
import { LamellaProcess } from "./lamella-process.ts";

const token = "a-token-for-other-viewers-0123456789";
const [width, height] = [1100, 700];
/** Four quarters of one value each; the window runs from the darkest to the brightest. */
const quarters = [40, 100, 160, 220];
const shades = [0, 85, 170, 255];

let folder: string;
let server: LamellaProcess;
let foreign: Server;
let foreignUrl: string;
let browser: Browser;
let micrographId: string;

const api = async (path: string, init: RequestInit = {}) => {
  const answer = await fetch(`${server.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...init.headers },
  });
  expect(answer.ok, `${path}: ${answer.status}`).toBe(true);
  return answer;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lamella-other-viewers-"));
  server = await LamellaProcess.start(folder, { args: ["--no-demo"], env: { LAMELLA_ADMIN_TOKEN: token } });
  const json = { "content-type": "application/json" };
  const project = await api("/api/v1/projects", { method: "POST", headers: json, body: '{"name":"open"}' });
  const { id } = (await project.json()) as { id: string };
  const pixels = Uint8Array.from(
    { length: width * height },
    (_, i) => quarters[(i % width < width / 2 ? 0 : 1) + (i < (width * height) / 2 ? 0 : 2)]!,
  );
  const file = await sharp(pixels, { raw: { width, height, channels: 1 } })
    .toColourspace("b-w")
    .tiff()
    .toBuffer();
  const upload = await api(`/api/v1/projects/${id}/micrographs?name=quarters.tif`, {
    method: "POST",
    body: new Uint8Array(file),
  });
  const { source } = (await upload.json()) as { source: string };
  for (let ready = false; !ready; ) {
    const state = (await (await api(`/api/v1/sources/${source}`)).json()) as {
      status: string;
      micrographs: string[];
    };
    expect(state.status).not.toBe("failed");
    ready = state.status === "ready";
    micrographId = state.micrographs[0]!;
    if (!ready) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  // A site of somebody else: OpenSeadragon as it is published, and nothing of Lamella's.
  const script = createRequire(import.meta.url).resolve("openseadragon");
  foreign = createServer((request, response) => {
    if (request.url === "/openseadragon.js") {
      response.setHeader("content-type", "text/javascript");
      response.end(readFileSync(script));
    } else {
      response.setHeader("content-type", "text/html");
      response.end(`<!doctype html><style>#viewer{width:${width}px;height:${height}px}</style>
        <div id="viewer"></div><script src="/openseadragon.js"></script>`);
    }
  });
  await new Promise<void>((resolve) => foreign.listen(0, "127.0.0.1", resolve));
  foreignUrl = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  foreign?.close();
  await server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

describe("OpenSeadragon on another site's page, with a token", () => {
  it.each([
    ["IIIF", () => `/iiif/3/${micrographId}/info.json`],
    ["Deep Zoom", () => `/api/v1/micrographs/${micrographId}/image.dzi`],
  ])("opens a micrograph by %s", async (name, address) => {
    const { context, page, errors } = await openWindow(browser, { viewport: { width: 1200, height: 800 } });
    await page.goto(foreignUrl);
    const seen = await page.evaluate(openAndLook, {
      source: `${server.url}${address()}`,
      token,
      shades,
    });
    await look(page, `other-viewers-${name}`);
    expect(seen.levels).toBeGreaterThan(1);
    seen.shades.forEach((shade, i) => {
      expect(Math.abs(shade - shades[i]!), `${name}, quarter ${i}`).toBeLessThan(4);
    });
    expect(errors).toEqual([]);
    await context.close();
  });

  it("without a token sees nothing", async () => {
    for (const path of [
      `/iiif/3/${micrographId}/info.json`,
      `/api/v1/micrographs/${micrographId}/image.dzi`,
    ]) {
      const answer = await fetch(`${server.url}${path}`);
      expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([401, "*"]);
      expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
    }
    // What is no picture stays closed to other sites.
    const other = await fetch(`${server.url}/api/v1/micrographs/${micrographId}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(other.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("what caches are told", () => {
  it("pictures by a plain address are asked again and not sent again; tiles by their content are kept for ever", async () => {
    for (const path of [
      `/iiif/3/${micrographId}/full/400,/0/default.jpg`,
      `/api/v1/micrographs/${micrographId}/image_files/10/0_0.jpg`,
    ]) {
      const first = await api(path);
      expect(first.headers.get("cache-control")).toBe("private, max-age=3600");
      const again = await fetch(`${server.url}${path}`, {
        headers: {
          authorization: `Bearer ${token}`,
          "if-none-match": first.headers.get("etag")!,
          // Left to itself, fetch says "no-cache" with such a question.
          "cache-control": "max-age=0",
        },
      });
      expect([path, again.status, (await again.arrayBuffer()).byteLength]).toEqual([path, 304, 0]);
    }
    const micrograph = (await (await api(`/api/v1/micrographs/${micrographId}`)).json()) as {
      signals: { derivation: string }[];
    };
    const tile = `/tiles/${micrographId}/${micrograph.signals[0]!.derivation}/0/0/0/0_0`;
    const display = await api(`${tile}.jpg`);
    expect(display.headers.get("cache-control")).toBe("private, max-age=31536000, immutable");
    expect(display.headers.get("access-control-allow-origin")).toBeNull();
    expect((await api(`${tile}.bin`)).headers.get("vary")).toBe("accept-encoding");
  });
});

/** Runs in the page: opens a source, and reads the middle of each quarter from the screen until it is as expected. */
async function openAndLook(asked: { source: string; token: string; shades: number[] }) {
  const { OpenSeadragon } = window as never as { OpenSeadragon: (options: object) => never };
  const viewer = OpenSeadragon({
    id: "viewer",
    drawer: "canvas",
    tileSources: asked.source,
    ajaxHeaders: { authorization: `Bearer ${asked.token}` },
    loadTilesWithAjax: true,
    crossOriginPolicy: "Anonymous",
    showNavigationControl: false,
  }) as {
    addOnceHandler(event: string, handler: (event: { message?: string }) => void): void;
    world: {
      getItemAt(i: number): { source: { maxLevel: number }; whenFullyLoaded(done: () => void): void };
    };
    drawer: { canvas: HTMLCanvasElement };
  };
  await new Promise<void>((resolve, reject) => {
    viewer.addOnceHandler("open", () => resolve());
    viewer.addOnceHandler("open-failed", ({ message }) => reject(new Error(message)));
  });
  const item = viewer.world.getItemAt(0);
  await new Promise<void>((resolve) => item.whenFullyLoaded(resolve));
  const { canvas } = viewer.drawer;
  const context = canvas.getContext("2d")!;
  const shadeOf = (quarter: number) => {
    const x = (quarter % 2 === 0 ? 0.25 : 0.75) * canvas.width;
    const y = (quarter < 2 ? 0.25 : 0.75) * canvas.height;
    return context.getImageData(x, y, 1, 1).data[0]!;
  };
  const until = performance.now() + 20_000;
  let seen: number[];
  do {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    seen = [0, 1, 2, 3].map(shadeOf);
  } while (seen.some((shade, i) => Math.abs(shade - asked.shades[i]!) >= 4) && performance.now() < until);
  return { levels: item.source.maxLevel, shades: seen };
}
