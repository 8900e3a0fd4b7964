import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import sharp from "sharp";
import { createServer, type ViteDevServer } from "vite";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import { parseTilePath } from "#core/protocol/tile-address.ts";
import { windowTable } from "#core/pyramid/display-window.ts";
import { halve } from "#core/pyramid/downsample.ts";
import { pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";
import { createSurvey } from "#core/pyramid/survey.ts";
import { renderState } from "#core/synthetic/render-state.ts";
import { syntheticStates } from "#core/synthetic/states.ts";
import { micrographAnswer } from "../fixtures/micrograph-answer.ts";

/** A page with the canvas alone, over a synthetic micrograph whose tiles come from memory. */
export interface Harness {
  readonly url: string;
  readonly micrograph: Micrograph;
  /** What was recorded at a pixel. */
  valueAt(x: number, y: number): number;
  /** Paths of the tiles asked for so far. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** @param repeat the micrograph that many times beside and below itself: large pictures take long to synthesise */
export async function startHarness(gridPx = 2048, repeat = 1): Promise<Harness> {
  const rendered = renderState(syntheticStates.at(-1)!, 7, gridPx);
  const { truth } = rendered;
  const widthPx = rendered.widthPx * repeat;
  const heightPx = rendered.heightPx * repeat;
  const counts = repeated(rendered.counts, rendered.widthPx, repeat);
  const survey = createSurvey("uint16", counts.length);
  survey.add(counts);
  const { window, range } = survey.finish();
  const levels = [counts as Uint16Array];
  for (const { width, height } of pyramidLevels(widthPx, heightPx).slice(0, -1)) {
    levels.push(halve("u16", levels.at(-1)!, width, height) as Uint16Array);
  }
  const micrograph = micrographAnswer(
    {
      id: "harness-0001",
      projectId: "harness-0002",
      sourceId: "harness-0003",
      name: "desodiated",
      width: widthPx,
      height: heightPx,
      calibration: {
        state: "calibrated",
        unit: "nm",
        pixelSize: { x: truth.nmPerPx, y: truth.nmPerPx },
        rotationDeg: 0,
        relativeStandardUncertainty: { x: 0.01, y: 0.01 },
        source: { kind: "synthetic" },
        certified: true,
      },
    },
    { window, range, histogram: Array.from({ length: 256 }, () => 0), derivation: "synthetic-1" },
  );
  const requests: string[] = [];
  const table = windowTable(65536, { scale: 1, offset: 0 }, window);

  const tile = async (path: string): Promise<Buffer | null> => {
    const address = parseTilePath(path);
    const level = address && pyramidLevels(widthPx, heightPx)[address.level];
    if (!address || !level) return null;
    const width = Math.min(tileSizePx, level.width - address.column * tileSizePx);
    const height = Math.min(tileSizePx, level.height - address.row * tileSizePx);
    const values = new Uint16Array(width * height);
    for (let y = 0; y < height; y++) {
      const from = (address.row * tileSizePx + y) * level.width + address.column * tileSizePx;
      values.set(levels[address.level]!.subarray(from, from + width), y * width);
    }
    if (address.form === "native") return Buffer.from(values.buffer);
    const shades = Uint8Array.from(values, (value) => table[value]!);
    return sharp(shades, { raw: { width, height, channels: 1 } })
      .jpeg({ quality: 88 })
      .toBuffer();
  };

  const server: ViteDevServer = await createServer({
    configFile: false,
    root: import.meta.dirname,
    logLevel: "error",
    cacheDir: resolve(import.meta.dirname, "../../.build/harness-vite"),
    server: {
      host: "127.0.0.1",
      port: 0,
      hmr: false,
      ws: false,
      fs: { allow: [resolve(import.meta.dirname, "../..")] },
    },
    plugins: [
      react(),
      {
        name: "harness-tiles",
        configureServer({ middlewares }) {
          middlewares.use((request, response, next) => {
            const path = request.url ?? "";
            if (path === "/harness.json") {
              response.setHeader("content-type", "application/json");
              response.end(JSON.stringify({ micrograph, truth }));
            } else if (path.startsWith("/tiles/")) {
              requests.push(path);
              tile(path).then((bytes) => {
                response.statusCode = bytes ? 200 : 404;
                response.end(bytes ?? "");
              }, next);
            } else next();
          });
        },
      },
    ],
  });
  await server.listen();
  return {
    url: server.resolvedUrls!.local[0]!,
    micrograph,
    valueAt: (x, y) => counts[y * widthPx + x]!,
    requests,
    close: () => server.close(),
  };
}

function repeated(counts: Uint16Array, width: number, times: number): Uint16Array {
  if (times === 1) return counts;
  const rows = counts.length / width;
  const wide = new Uint16Array(counts.length * times);
  for (let y = 0; y < rows; y++) {
    const row = counts.subarray(y * width, (y + 1) * width);
    for (let i = 0; i < times; i++) wide.set(row, (y * times + i) * width);
  }
  const all = new Uint16Array(wide.length * times);
  for (let i = 0; i < times; i++) all.set(wide, i * wide.length);
  return all;
}
