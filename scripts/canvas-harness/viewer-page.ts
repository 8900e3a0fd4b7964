import OpenSeadragon from "openseadragon";
import type { MicrographViewer } from "#client/viewer/micrograph-viewer.ts";
import { openMicrographViewer, servedDisplay } from "#client/viewer/open-viewer.ts";
import { createShader } from "#client/viewer/shade.ts";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import { formatTilePath } from "#core/protocol/tile-address.ts";
import { pyramidLevels, tileSizePx } from "#core/pyramid/levels.ts";

const { micrograph } = (await (await fetch("/harness.json")).json()) as { micrograph: Micrograph };
const signal = micrograph.signals[0]!;
const ours = document.getElementById("ours")!;
const plain = document.getElementById("plain")!;
/** Tiles begin at the edges of the screen: as many are drawn as fit. */
const centre = { x: tileSizePx + innerWidth / 2, y: tileSizePx + innerHeight / 2 };
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
/** After the frame that comes next: its drawing is done, and what its callbacks cost is in the time. */
const painted = async () => {
  await nextFrame();
  await new Promise<void>((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve();
    channel.port2.postMessage(null);
  });
};
const idle = async (isDone: () => boolean) => {
  for (let quiet = 0; quiet < 3; quiet = isDone() ? quiet + 1 : 0) await nextFrame();
};

/** Tiles put into canvases so far, by whoever does it on this page. */
let puts = 0;
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (
  this: CanvasRenderingContext2D,
  ...given: never[]
) {
  puts++;
  return (put as (...all: never[]) => void).apply(this, given);
} as typeof put;

/** Until no tile has been put anywhere for half a second. */
async function settled() {
  for (let before = -1; before !== puts; await new Promise((resolve) => setTimeout(resolve, 500)))
    before = puts;
}

/** One pixel of the picture on one of the screen, recorded values in every tile. */
async function showOurs() {
  const viewer = openMicrographViewer(ours, null, micrograph);
  await idle(() => viewer.frameShown());
  viewer.lookAt({ ...centre, width: innerWidth });
  await idle(() => viewer.frameShown() && viewer.intensityAt(viewer.viewport().centre)?.exact === true);
  return viewer;
}

/** The same tiles as pictures, in OpenSeadragon as it comes. */
async function showPlain() {
  plain.hidden = false;
  const levels = pyramidLevels(micrograph.width, micrograph.height);
  const viewer = new OpenSeadragon.Viewer({
    element: plain,
    drawer: "canvas",
    showNavigationControl: false,
    animationTime: 0,
    immediateRender: false,
    tileSources: {
      width: micrograph.width,
      height: micrograph.height,
      tileSize: tileSizePx,
      minLevel: 0,
      maxLevel: levels.length - 1,
      getTileUrl: (level: number, column: number, row: number) =>
        formatTilePath({
          micrographId: micrograph.id,
          derivation: signal.derivation!,
          signal: signal.id,
          frame: 0,
          level: levels.length - 1 - level,
          column,
          row,
          form: "display",
        }),
    },
  } as unknown as OpenSeadragon.Options);
  await new Promise((resolve) => viewer.addOnceHandler("open", resolve));
  const { width } = micrograph;
  viewer.viewport.zoomTo(viewer.viewport.imageToViewportZoom(1), undefined, true);
  viewer.viewport.panTo(new OpenSeadragon.Point(centre.x / width, centre.y / width), true);
  await idle(() => viewer.world.getItemAt(0)?.getFullyLoaded() === true);
  return viewer;
}

const rounds = 30;

/** What a change of window takes on the visible tiles, and what OpenSeadragon takes to draw as many pictures again. */
async function measureWindowChange() {
  const viewer = await showOurs();
  const { low, high } = signal.window;
  const shown = (i: number) => ({ ...servedDisplay(signal), low: low + 5 + i, high: high - 5 - i });
  viewer.setDisplay(shown(-1));
  await settled();
  const asked = performance.getEntriesByType("resource").length;

  puts = 0;
  viewer.setDisplay(shown(0));
  await settled();
  const tiles = puts;

  const firstFrames: number[] = [];
  const whole: number[] = [];
  for (let i = 1; i <= rounds; i++) {
    puts = 0;
    const start = performance.now();
    viewer.setDisplay(shown(i));
    await painted();
    firstFrames.push(performance.now() - start);
    for (let frame = 0; puts < tiles && frame < 60; frame++) await painted();
    whole.push(performance.now() - start);
    for (let k = 0; k < 3; k++) await nextFrame();
  }
  const requests = performance.getEntriesByType("resource").length - asked;
  viewer.close();

  const samples = Uint16Array.from({ length: tileSizePx ** 2 }, (_, i) => low + ((i * 31) % (high - low)));
  const pixels = new Uint32Array(samples.length);
  const tablePasses: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const shader = createShader(shown(i));
    const start = performance.now();
    for (let tile = 0; tile < 20; tile++)
      shader.shade({ type: "u16", data: samples }, signal.tileScale, pixels);
    tablePasses.push(performance.now() - start);
    await nextFrame();
  }

  ours.hidden = true;
  const other = await showPlain();
  const redraws: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    other.forceRedraw();
    await painted();
    redraws.push(performance.now() - start);
    for (let k = 0; k < 3; k++) await nextFrame();
  }
  return { tiles, requests, firstFrames, whole, tablePasses, redraws };
}

const canvases: WeakRef<HTMLCanvasElement>[] = [];
const create = document.createElement;
document.createElement = function (this: Document, ...given: [string, ElementCreationOptions?]) {
  const element = create.apply(this, given);
  if (element instanceof HTMLCanvasElement) canvases.push(new WeakRef(element));
  return element;
} as typeof document.createElement;

/** Bytes of the pixels in canvases that are still held, the screen's own left out. */
function canvasBytes(): number {
  const held = canvases.map((ref) => ref.deref()).filter((canvas) => canvas && !canvas.isConnected);
  return held.reduce((sum, canvas) => sum + canvas!.width * canvas!.height * 4, 0);
}

/** Looks at every part of the picture at full resolution, one view after the other; how many views it took. */
async function visitEverything(viewer: MicrographViewer): Promise<number> {
  let views = 0;
  for (let y = innerHeight / 2; y < micrograph.height; y += innerHeight) {
    for (let x = innerWidth / 2; x < micrograph.width; x += innerWidth) {
      viewer.lookAt({ x, y, width: innerWidth });
      const isExact = () => viewer.intensityAt(viewer.viewport().centre)?.exact === true;
      await idle(() => viewer.frameShown() && isExact());
      views++;
    }
  }
  return views;
}

/** Greys of the screen's middle. */
function shadesSeen(viewer: MicrographViewer): number {
  const { width, height } = ours.getBoundingClientRect();
  const context = viewer.snapshotView().getContext("2d")!;
  const { data } = context.getImageData(width / 4, height / 4, width / 2, height / 2);
  return new Set(data.filter((_, i) => i % 4 === 0)).size;
}

const page = {
  open: () => openMicrographViewer(ours, null, micrograph),
  window: signal.window,
  served: servedDisplay(signal),
  idle,
  canvasBytes,
  visitEverything,
  shadesSeen,
};
export type ViewerPage = typeof page;
Object.assign(window, { viewerPage: page });

export type WindowChange = Awaited<ReturnType<typeof measureWindowChange>>;
Object.assign(window, { measureWindowChange });
