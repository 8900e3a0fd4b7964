import type { AnnotationSession } from "#client/session/annotation-session.ts";
import { shownSignal, useDisplayStore } from "#client/state/display-store.ts";
import { useFourierStore } from "#client/state/fourier-store.ts";
import { useGuestPainter } from "#client/state/guest-painter-store.ts";
import { useProbeStore } from "#client/state/probe-store.ts";
import { useProfileStore } from "#client/state/profile-store.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import { useToolStore } from "#client/state/tool-store.ts";
import { noPreview, type Preview, type Tool, type ToolEvent } from "#client/tools/tool.ts";
import { toolOf } from "#client/tools/tools.ts";
import { toImage } from "#client/viewer/frames.ts";
import { openMicrographViewer, servedDisplay } from "#client/viewer/open-viewer.ts";
import type { AnnotationChange, AnnotationDocument } from "#core/document/annotation-document.ts";
import type { Point, ScreenPoint } from "#core/geometry/point.ts";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import type { AnnotationClass } from "#core/schema/annotation-class.ts";
import { createRecordId } from "#core/schema/ids.ts";
import type { LayerNodes, LayerPainters } from "./konva-layers.tsx";
import { openLaserTrails, paintLaserSpot } from "./laser-trails.ts";
import { draftOf } from "./live-draft.ts";
import { MarkIndex } from "./mark-index.ts";
import { createStyles, type StyleOf } from "./mark-style.ts";
import { MarksBuffer } from "./marks-buffer.ts";
import { openMarksStage } from "./marks-stage.ts";
import { markPainter } from "./paint-marks.ts";
import { accent, paintOverlay } from "./paint-overlay.ts";
import { pressPictureKey } from "./picture-keys.ts";
import { pointerReading } from "./pointer-reading.ts";
import { routePointers } from "./pointer-router.ts";
import { brushAt, classOfNextMark, hitTolerancePx, toolContextOf } from "./tool-context.ts";
import { stationNear } from "./trace-station.ts";

export interface CanvasElements {
  /** Takes pointers, keys and the focus. */
  readonly root: HTMLElement;
  readonly picture: HTMLElement;
  readonly layers: { readonly nodes: LayerNodes; readonly painters: LayerPainters };
  readonly navigator: HTMLElement;
  /** The words at the pointer while an interface is traced. */
  readonly chip: HTMLElement;
}

/** What may change while a canvas is open. */
export interface CanvasSettings {
  readonly micrograph: Micrograph;
  readonly classes: readonly AnnotationClass[];
  readonly readOnly: boolean;
  readonly probe: { readonly substrate: Point; readonly film: Point | null } | null;
}

/** Picture, marks, tools and other people of one micrograph, tied together; React only makes the elements. */
export function openCanvas(
  elements: CanvasElements,
  session: Pick<AnnotationSession, "current" | "presence">,
  first: CanvasSettings,
) {
  let settings = first;
  let document: AnnotationDocument = session.current.getState().document;
  let styleOf: StyleOf = createStyles(first.classes);
  let tool: Tool<unknown> = toolOf(useToolStore.getState().tool, useToolStore.getState().regionGesture);
  let state: unknown = tool.idle;
  let preview: Preview = noPreview;
  let hidden: ReadonlySet<string> = new Set();
  let spaceHeld = false;
  let laserHeld = false;
  let panning = false;
  let ownProbe = false;
  let pointerAt: ScreenPoint | null = null;

  const frame = () => useDisplayStore.getState().frame;
  const selected = () => useSelectionStore.getState().selected;

  const { root } = elements;
  const viewer = openMicrographViewer(elements.picture, elements.navigator, first.micrograph);
  const index = new MarkIndex(() => styleOf);
  const buffer = new MarksBuffer(
    (context, frame, window) => {
      const marks = index.within(window).filter(({ annotation }) => !hidden.has(annotation.id));
      return markPainter(context, frame, marks, settings.micrograph.calibration);
    },
    () => stage.drawMarks(),
  );
  const stage = openMarksStage(elements.layers, viewer.viewport, buffer, (context) => {
    const { selected, hovered } = useSelectionStore.getState();
    const shape = preview.shape;
    const reshaped = shape?.annotationId ? index.get(shape.annotationId) : undefined;
    lasers.paint(context, viewer.viewport());
    useGuestPainter.getState().paint?.(context, viewer.viewport(), frame());
    paintOverlay(context, {
      view: viewer.viewport(),
      selected: selected.flatMap((id) => index.get(id) ?? []),
      hovered: (hovered && index.get(hovered)) || null,
      editable: !settings.readOnly && useToolStore.getState().tool === "select",
      preview,
      previewStyle:
        reshaped?.style ??
        styleOf(shape?.kind ?? "region", classOfNextMark(settings.classes), shape?.body ?? null),
      previewMarks: preview.transform?.ids.flatMap((id) => index.get(id) ?? []) ?? [],
      others: [...session.presence.others().values()],
      markOf: (id) => index.get(id),
      styleOfDraft: (draft) => styleOf(draft.kind, draft.classId, draft.body as never),
      frame: frame(),
      probe: settings.probe,
      brush: brushAt(pointerAt, settings.readOnly),
      fourierRegion: useFourierStore.getState().open ? useFourierStore.getState().region : null,
      profileWidthPx: useProfileStore.getState().widthPx,
      calibration: settings.micrograph.calibration,
    });
    if (laserHeld && pointerAt) paintLaserSpot(context, pointerAt, accent);
  });

  const toolContext = () => toolContextOf({ ...settings, viewer, index, document });

  /** Laser pointers of others, and mine: where each is now, its trail goes on. */
  const lasers = openLaserTrails(() => stage.drawOverlay());
  function noteLasers() {
    for (const [client, { laser, cursor, user }] of session.presence.others())
      if (laser && cursor?.frame === frame()) lasers.note(client, cursor, user?.colour ?? accent);
    if (laserHeld && pointerAt)
      lasers.note(session.presence.clientId(), toImage(viewer.viewport(), pointerAt), accent);
  }

  function holdLaser(held: boolean) {
    if (held === laserHeld) return;
    laserHeld = held;
    session.presence.setLocal({ laser: held });
    noteLasers();
    stage.drawOverlay();
  }

  /** One event through the tool: its commands into the document, its preview to the screen and to the others. */
  function send(event: ToolEvent) {
    const step = tool.step(state, event, toolContext());
    state = step.state;
    for (const command of step.commands) document.execute(command);
    if (step.knownFeature) useToolStore.getState().setKnownFeature(step.knownFeature);
    if (step.fourierRegion !== undefined)
      useFourierStore.setState({ region: step.fourierRegion, open: step.fourierRegion !== null });
    if (step.select) useSelectionStore.getState().select(step.select);
    if (step.trace) {
      const { body, interfaceId } = step.trace;
      useToolStore.getState().setTrace(body === "film" ? "film" : "substrate", interfaceId);
    }
    show(step.preview);
  }

  function show(next: Preview) {
    if (next === noPreview && preview === noPreview) return;
    preview = next;
    const ids = [
      ...(next.transform?.ids ?? []),
      ...(next.shape?.annotationId ? [next.shape.annotationId] : []),
    ];
    if (ids.length !== hidden.size || ids.some((id) => !hidden.has(id))) {
      hidden = new Set(ids);
      buffer.invalidate();
      stage.drawMarks();
    }
    session.presence.setLocal({
      draft: draftOf(next, classOfNextMark(settings.classes), viewer.viewport().scale),
    });
    stage.drawOverlay();
  }

  function changeTool() {
    const { tool: id, regionGesture } = useToolStore.getState();
    const next = toolOf(id, regionGesture);
    showChip();
    if (next === tool) return setCursor();
    tool = next;
    state = next.idle;
    show(noPreview);
    setCursor();
    stage.drawOverlay();
  }

  const pans = () => spaceHeld || useToolStore.getState().tool === "pan";

  function setCursor() {
    if (panning) root.style.cursor = "grabbing";
    else if (pans()) root.style.cursor = "grab";
    else if (useToolStore.getState().tool === "select" && pointerAt)
      root.style.cursor = cursorOver(pointerAt);
    else root.style.cursor = settings.readOnly ? "default" : tool.cursor;
  }

  function cursorOver(at: ScreenPoint): string {
    if (tool.busy(state) && preview !== noPreview) return "grabbing";
    const { hovered } = useSelectionStore.getState();
    if (!settings.readOnly && toolContext().handleAt(toImage(viewer.viewport(), at))) return "move";
    return hovered ? (selected().includes(hovered) && !settings.readOnly ? "move" : "pointer") : "default";
  }

  /** For the status line; again when the view moves or tiles arrive beneath a pointer at rest. */
  function read(image: Point) {
    useProbeStore.getState().setPointer(pointerReading(viewer, settings.micrograph, image));
  }

  /** Who is under the pointer: hover, the cursor others see, the status line, the profile's place. */
  function point(at: ScreenPoint, image: Point) {
    pointerAt = at;
    read(image);
    session.presence.setLocal({ cursor: { x: image.x, y: image.y, frame: frame() } });
    const top = index.hits(image, hitTolerancePx / viewer.viewport().scale)[0];
    const hovered = useToolStore.getState().tool === "select" ? (top?.annotation.id ?? null) : null;
    if (hovered !== useSelectionStore.getState().hovered) useSelectionStore.getState().hover(hovered);
    pointProbe(image);
    showChip();
    setCursor();
    if (laserHeld) noteLasers();
    if (brushAt(pointerAt, settings.readOnly)) stage.drawOverlay();
  }

  function pointProbe(image: Point) {
    const near = index.hits(image, (2 * hitTolerancePx) / viewer.viewport().scale);
    const interfaceId = near.find(({ annotation }) => annotation.kind === "interface-trace")?.annotation
      .interfaceId;
    const substrate =
      interfaceId &&
      [...document.annotations().values()].find(
        (a) => a.interfaceId === interfaceId && a.body === "substrate",
      );
    if (substrate) {
      ownProbe = true;
      useProbeStore
        .getState()
        .setProbe(interfaceId, stationNear(substrate, image, settings.micrograph.calibration));
    } else if (ownProbe) {
      ownProbe = false;
      useProbeStore.getState().setProbe(null, null);
    }
  }

  function showChip() {
    const { tool: id, traceBody, snapping } = useToolStore.getState();
    const { chip } = elements;
    chip.hidden = id !== "trace" || !pointerAt || settings.readOnly;
    if (chip.hidden || !pointerAt) return;
    const side = traceBody === "film" ? "film side" : "substrate side";
    chip.textContent = snapping ? `${side} · along the edge` : side;
    chip.style.setProperty("--side", styleOf("interface-trace", null, traceBody).colour);
    chip.style.transform = `translate(${pointerAt.x + 16}px, ${pointerAt.y - 30}px)`;
  }

  function reload() {
    index.load(document.annotations(), frame());
    buffer.invalidate();
    stage.drawMarks();
    stage.drawOverlay();
  }

  function take({ changed, removed }: AnnotationChange) {
    index.update(document.annotations(), [...changed, ...removed], frame());
    if (removed.size > 0) {
      const { selected: before, hovered } = useSelectionStore.getState();
      if (before.some((id) => removed.has(id))) {
        useSelectionStore.getState().select(before.filter((id) => !removed.has(id)));
      }
      if (hovered && removed.has(hovered)) useSelectionStore.getState().hover(null);
    }
    buffer.invalidate();
    stage.drawMarks();
    stage.drawOverlay();
  }

  let stopDocument = document.subscribe(take);
  const applyDisplay = () => {
    const { display, signal, frame: shownFrame } = useDisplayStore.getState();
    viewer.setSignal(signal);
    viewer.setFrame(Math.min(shownFrame, settings.micrograph.frames - 1));
    viewer.setDisplay(display ?? servedDisplay(shownSignal(settings.micrograph, signal)!));
  };
  const idle = setInterval(() => index.settle(), 2000);

  const stops = [
    viewer.onViewChange((view) => {
      stage.drawAll(view);
      if (pointerAt) read(toImage(view, pointerAt));
      session.presence.setLocal({
        viewport: { x: view.centre.x, y: view.centre.y, width: view.widthPx / view.scale },
      });
    }),
    session.current.subscribe(({ document: next }) => {
      if (next === document) return;
      stopDocument();
      document = next;
      stopDocument = document.subscribe(take);
      send({ type: "interrupt" });
      reload();
    }),
    session.presence.subscribe(() => {
      noteLasers();
      stage.drawOverlay();
    }),
    useToolStore.subscribe(changeTool),
    useFourierStore.subscribe(() => stage.drawOverlay()),
    useProfileStore.subscribe(() => stage.drawOverlay()),
    useGuestPainter.subscribe(() => stage.drawOverlay()),
    useSelectionStore.subscribe((now, before) => {
      if (now.marksVisible !== before.marksVisible) stage.showMarks(now.marksVisible);
      if (now.selected !== before.selected)
        session.presence.setLocal({ selection: now.selected.slice(0, 50) });
      stage.drawOverlay();
    }),
    useDisplayStore.subscribe((now, before) => {
      applyDisplay();
      if (now.frame !== before.frame) reload();
    }),
    routePointers(root, {
      pans,
      down(at, clicks, keys) {
        root.focus({ preventScroll: true });
        const image = toImage(viewer.viewport(), at);
        // On touch nothing hovered before the press.
        point(at, image);
        if (!laserHeld) send({ type: "down", at: image, clicks, ...keys });
      },
      move(at, keys) {
        const image = toImage(viewer.viewport(), at);
        point(at, image);
        send({ type: "move", at: image, clicks: 0, ...keys });
      },
      up: (at, keys) => send({ type: "up", at: toImage(viewer.viewport(), at), clicks: 0, ...keys }),
      interrupt: () => send({ type: "interrupt" }),
      finish: () => send({ type: "finish" }),
      pan: (dx, dy) => viewer.panBy(dx, dy),
      zoom: (factor, at) => viewer.zoomBy(factor, at),
      leave() {
        pointerAt = null;
        stage.drawOverlay();
        elements.chip.hidden = true;
        useProbeStore.getState().setPointer(null);
        useSelectionStore.getState().hover(null);
        session.presence.setLocal({ cursor: null });
      },
      panning(active) {
        panning = active;
        setCursor();
      },
    }),
    pressPictureKey(root, {
      viewer,
      document: () => document,
      settings: () => settings,
      boxOf: (ids) => ids.flatMap((id) => index.get(id)?.box ?? []),
      busy: () => tool.busy(state),
      send,
      space(held) {
        spaceHeld = held;
        setCursor();
      },
      laser: holdLaser,
      newId: createRecordId,
    }),
  ];

  stage.showMarks(useSelectionStore.getState().marksVisible);
  applyDisplay();
  reload();
  setCursor();

  return {
    viewer,
    update(next: CanvasSettings) {
      const before = settings;
      settings = next;
      if (next.micrograph !== before.micrograph) viewer.setMicrograph(next.micrograph);
      if (next.classes !== before.classes) styleOf = createStyles(next.classes);
      if (next.classes !== before.classes || next.micrograph !== before.micrograph) reload();
      if (next.readOnly && !before.readOnly) send({ type: "interrupt" });
      stage.drawOverlay();
    },
    close() {
      clearInterval(idle);
      stopDocument();
      for (const stop of stops) stop();
      session.presence.setLocal({ cursor: null, draft: null, selection: [], laser: false });
      lasers.close();
      useProbeStore.getState().setPointer(null);
      buffer.close();
      stage.close();
      viewer.close();
    },
  };
}

export type OpenCanvas = ReturnType<typeof openCanvas>;
