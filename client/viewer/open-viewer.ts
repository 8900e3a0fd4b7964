import OpenSeadragon from "openseadragon";
import type { Display } from "#client/state/display-store.ts";
import { type ImagePoint, imagePoint, type ScreenPoint } from "#core/geometry/point.ts";
import type { Micrograph, Signal } from "#core/protocol/api/shapes.ts";
import { paletteOfText } from "#core/pyramid/palette.ts";
import { toImage, toScreen } from "./frames.ts";
import { MicrographTileSource, type TileForm } from "./micrograph-tile-source.ts";
import type { ImageBox, MicrographViewer, ViewState } from "./micrograph-viewer.ts";
import { FramePrefetch, framesAround } from "./prefetch-frames.ts";
import { quietTiles } from "./quiet-tiles.ts";
import { RecordedPixels } from "./recorded-pixels.ts";
import { createShader } from "./shade.ts";
import { createWindowDrawer, type Look } from "./window-drawer.ts";

/** Memory for tiles: values and the canvas they are shown by. */
const tileMemoryBytes = 256 * 2 ** 20;
/** A light tile in colour, 512 px: its picture (1 MiB), the colours unpacked from it (0.75) and its canvas (1). */
const largestTileBytes = 2.75 * 2 ** 20;
const largestScale = 64;
/** Above this many screen px per image px, pixels are shown as squares. */
const squarePixelsFrom = 3;
/** Room left around the picture by fit(). */
const fitMargin = 0.96;
const retryDelaysMs = [1000, 2000, 4000, 8000] as const;

quietTiles();

/** The display a signal's 8-bit tiles were made in. */
export function servedDisplay(signal: Signal): Display {
  return { ...signal.window, gamma: 1, invert: signal.invert, colourMap: "grey" };
}

/** Show a micrograph in `element` (positioned, with a size), and in `navigatorElement` as a whole. */
export function openMicrographViewer(
  element: HTMLElement,
  navigatorElement: HTMLElement | null,
  first: Micrograph,
): MicrographViewer & { close(): void; setMicrograph(micrograph: Micrograph): void } {
  let micrograph = first;
  let signal = first.signals[0]!;
  let frame = 0;
  let display = servedDisplay(signal);
  const look: Look = { version: 0, ...lookOf(display, signal) };

  const osd = new OpenSeadragon.Viewer({
    element,
    drawer: createWindowDrawer(look),
    ...(navigatorElement ? { showNavigator: true, navigatorElement: freshChild(navigatorElement) } : {}),
    navigatorAutoFade: false,
    navigatorBackground: "transparent",
    navigatorBorderColor: "transparent",
    navigatorDisplayRegionColor: "#3fbbae",
    showNavigationControl: false,
    mouseNavEnabled: false,
    keyboardNavEnabled: false,
    tabIndex: -1,
    animationTime: 0,
    blendTime: 0,
    immediateRender: false,
    imageLoaderLimit: 8,
    maxImageCacheCount: Math.floor(tileMemoryBytes / largestTileBytes),
    minZoomImageRatio: 0.2,
    maxZoomPixelRatio: largestScale,
    visibilityRatio: 0.15,
    preserveImageSizeOnResize: true,
    autoResize: true,
  } as OpenSeadragon.Options);

  const listeners = new Set<(view: ViewState) => void>();
  const sources = new Map<TileForm, MicrographTileSource>();
  const prefetch = new FramePrefetch();
  let recorded: RecordedPixels | null = null;
  let lastStep: 1 | -1 = 1;
  const images = new Map<TileForm, OpenSeadragon.TiledImage>();
  const failed = new Set<OpenSeadragon.Tile>();
  let retry: ReturnType<typeof setTimeout> | undefined;
  let retries = 0;
  /** The view asked for before there was a picture; null: the whole picture. */
  let wanted: { readonly scale: number; readonly centre: { readonly x: number; readonly y: number } } | null =
    null;
  let placed = false;
  let closed = false;
  /** Pictures that others came before; on the screen until the newest is there. */
  const superseded: OpenSeadragon.TiledImage[] = [];

  function viewport(): ViewState {
    const bounds = osd.viewport.getBounds(true);
    const { x: widthPx, y: heightPx } = osd.viewport.getContainerSize();
    const scale = widthPx / (bounds.width * micrograph.width);
    const corner = imagePoint(bounds.x * micrograph.width, bounds.y * micrograph.width);
    const centre = imagePoint(corner.x + widthPx / scale / 2, corner.y + heightPx / scale / 2);
    return { corner, centre, scale, widthPx, heightPx };
  }

  function announce() {
    if (closed) return;
    const view = viewport();
    wantTiles(view.scale);
    for (const listener of listeners) listener(view);
  }

  function refreshLook() {
    Object.assign(look, lookOf(display, signal), { version: look.version + 1 });
  }

  /** Light tiles first; recorded values where the window, the zoom or the colours ask for more than eight bits. */
  function wantTiles(scale: number) {
    if (!signal.derivation) return;
    show("display");
    if (scale >= 1 || (!look.asServed && !look.colour)) show("native");
  }

  function show(form: TileForm) {
    if (sources.has(form) || !signal.derivation) return;
    const source = new MicrographTileSource(
      micrograph,
      { ...signal, derivation: signal.derivation },
      frame,
      form,
    );
    sources.set(form, source);
    osd.addTiledImage({
      tileSource: source,
      width: 1,
      x: 0,
      y: 0,
      success: (event: { item?: OpenSeadragon.TiledImage }) => {
        const item = event.item;
        if (!item) return;
        if (sources.get(form) !== source || closed) {
          if (!closed) osd.world.removeItem(item);
          return;
        }
        images.set(form, item);
        if (form === "native") item.addHandler("fully-loaded-change", cover);
        smooth();
        if (!placed) {
          placed = true;
          if (wanted) place(wanted.scale, wanted.centre);
          else api.fit();
        }
      },
    } as unknown as OpenSeadragon.TileSourceSpecifier);
  }

  /** Where recorded values cover the view, the light tiles below them are neither drawn nor shaded. */
  function cover() {
    const covered = images.get("native")?.getFullyLoaded() === true;
    images.get("display")?.setOpacity(covered ? 0 : 1);
  }

  /** Another frame, signal or derivation: the old picture stays until the new one is there. */
  function replacePicture() {
    const waiting = superseded.length > 0;
    superseded.push(...images.values());
    for (const source of sources.values()) source.close();
    recorded?.close();
    recorded = null;
    images.clear();
    sources.clear();
    failed.clear();
    wantTiles(viewport().scale);
    if (!waiting) requestAnimationFrame(uncover);
  }

  function uncover() {
    if (closed) return;
    if (!isShown()) {
      requestAnimationFrame(uncover);
      return;
    }
    for (const item of superseded.splice(0)) osd.world.removeItem(item);
    prefetchFrames();
  }

  /** Light tiles that recorded values cover are asked for no more: where these are whole, the picture is there. */
  const isShown = () =>
    images.get("native")?.getFullyLoaded() ?? images.get("display")?.getFullyLoaded() === true;

  /** Tiles that are on the screen now, on the frames that a hand would go to next. */
  function prefetchFrames() {
    if (micrograph.frames === 1) return;
    // Both forms lie on one grid, and the covered one is not drawn.
    const drawn = (images.get("native") ?? images.get("display"))?.getTilesToDraw() ?? [];
    const urls = framesAround(frame, lastStep, micrograph.frames).flatMap((other) =>
      [...sources.values()].flatMap((source) =>
        drawn.map(({ tile }) => source.urlOnFrame(other, tile.level, tile.x, tile.y)),
      ),
    );
    prefetch.want(urls);
  }

  function smooth() {
    (osd.drawer as OpenSeadragon.CanvasDrawer).setImageSmoothingEnabled(viewport().scale < squarePixelsFrom);
  }

  function redraw() {
    osd.forceRedraw();
    osd.navigator?.forceRedraw();
  }

  function place(scale: number, centre: { readonly x: number; readonly y: number }) {
    if (!placed) {
      wanted = { scale, centre };
      return;
    }
    const { widthPx, heightPx } = viewport();
    const width = widthPx / scale / micrograph.width;
    const height = heightPx / scale / micrograph.width;
    const rect = new OpenSeadragon.Rect(
      centre.x / micrograph.width - width / 2,
      centre.y / micrograph.width - height / 2,
      width,
      height,
    );
    osd.viewport.fitBounds(rect, true);
    osd.viewport.applyConstraints(true);
    smooth();
    redraw();
  }

  const smallestScale = () => {
    const { widthPx, heightPx } = viewport();
    return 0.2 * Math.min(widthPx / micrograph.width, heightPx / micrograph.height);
  };

  osd.addHandler("update-viewport", announce);
  osd.addHandler("resize", () => redraw());
  osd.addHandler("tile-load-failed", (event) => {
    failed.add(event.tile);
    if (retry) return;
    retry = setTimeout(
      () => {
        retry = undefined;
        askAgain();
      },
      retryDelaysMs[Math.min(retries++, retryDelaysMs.length - 1)],
    );
  });
  osd.addHandler("tile-loaded", () => {
    retries = 0;
  });

  function askAgain() {
    if (closed) return;
    for (const tile of failed) tile.exists = true;
    failed.clear();
    redraw();
  }

  const api: ReturnType<typeof openMicrographViewer> = {
    viewport,
    onViewChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    fit() {
      const { widthPx, heightPx } = viewport();
      place(fitMargin * Math.min(widthPx / micrograph.width, heightPx / micrograph.height), {
        x: micrograph.width / 2,
        y: micrograph.height / 2,
      });
    },
    fitTo({ minX, minY, maxX, maxY }: ImageBox) {
      const { widthPx, heightPx } = viewport();
      const room = 0.6;
      const scale = Math.min(
        (room * widthPx) / Math.max(maxX - minX, 1),
        (room * heightPx) / Math.max(maxY - minY, 1),
        16,
      );
      place(scale, { x: (minX + maxX) / 2, y: (minY + maxY) / 2 });
    },
    oneToOne() {
      place(1 / window.devicePixelRatio, viewport().centre);
    },
    zoomBy(factor, at?: ScreenPoint) {
      const view = viewport();
      const scale = Math.min(largestScale, Math.max(smallestScale(), view.scale * factor));
      const anchor = at ?? toScreen(view, view.centre);
      const fixed = toImage(view, anchor);
      place(scale, {
        x: fixed.x + (view.widthPx / 2 - anchor.x) / scale,
        y: fixed.y + (view.heightPx / 2 - anchor.y) / scale,
      });
    },
    panBy(dx, dy) {
      const { centre, scale } = viewport();
      place(scale, { x: centre.x - dx / scale, y: centre.y - dy / scale });
    },
    lookAt({ x, y, width }) {
      place(viewport().widthPx / width, { x, y });
    },
    setDisplay(next) {
      if (sameDisplay(next, display)) return;
      display = next;
      refreshLook();
      wantTiles(viewport().scale);
      redraw();
    },
    setFrame(next) {
      if (next === frame) return;
      lastStep = next < frame ? -1 : 1;
      frame = next;
      replacePicture();
    },
    frameShown: () => [...images.values()].some((image) => image.getFullyLoaded()),
    recordedValues(box) {
      const { derivation } = signal;
      if (!derivation) return null;
      recorded ??= new RecordedPixels(
        sources.get("native") ??
          new MicrographTileSource(micrograph, { ...signal, derivation }, frame, "native"),
        signal,
        micrograph,
      );
      return recorded.patch(box);
    },
    foundColour: () => recorded?.colour ?? false,
    setSignal(signalId) {
      const next = micrograph.signals.find((s) => s.id === signalId);
      if (!next || next === signal) return;
      signal = next;
      refreshLook();
      replacePicture();
    },
    setMicrograph(next) {
      const derivation = signal.derivation;
      micrograph = next;
      signal = next.signals.find((s) => s.id === signal.id) ?? next.signals[0]!;
      if (signal.derivation === derivation) return askAgain();
      refreshLook();
      replacePicture();
    },
    intensityAt(at: ImagePoint) {
      if (at.x < 0 || at.y < 0 || at.x >= micrograph.width || at.y >= micrograph.height) return null;
      return sources.get("native")?.valueAt(at) ?? sources.get("display")?.valueAt(at) ?? null;
    },
    refresh: askAgain,
    snapshotView() {
      const shown = osd.drawer.canvas;
      const copy = document.createElement("canvas");
      copy.width = shown.width;
      copy.height = shown.height;
      copy.getContext("2d")!.drawImage(shown, 0, 0);
      return copy;
    },
    close() {
      closed = true;
      clearTimeout(retry);
      prefetch.close();
      recorded?.close();
      listeners.clear();
      osd.destroy();
    },
  };
  wantTiles(1e-9);
  return api;
}

/** In its own window a signal with a palette is seen through it; in any other, its values are. */
function lookOf(display: Display, signal: Signal): Omit<Look, "version"> {
  const asServed = sameDisplay(display, servedDisplay(signal));
  const palette = asServed && signal.palette ? paletteOfText(signal.palette) : null;
  return { asServed, colour: signal.tileType === "rgb8", shader: createShader(display, palette) };
}

/** OpenSeadragon takes its navigator's element out of the page when it ends: it gets one of its own. */
function freshChild(parent: HTMLElement): HTMLElement {
  const child = document.createElement("div");
  child.style.cssText = "width: 100%; height: 100%";
  parent.append(child);
  return child;
}

function sameDisplay(a: Display, b: Display): boolean {
  return (
    a.low === b.low &&
    a.high === b.high &&
    a.gamma === b.gamma &&
    a.invert === b.invert &&
    a.colourMap === b.colourMap
  );
}
