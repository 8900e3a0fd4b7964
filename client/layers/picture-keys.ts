import { useDisplayStore } from "#client/state/display-store.ts";
import { useProfileStore } from "#client/state/profile-store.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import { toast } from "#client/state/toast-store.ts";
import { useToolStore } from "#client/state/tool-store.ts";
import { pairTraces } from "#client/tools/pair-traces.ts";
import type { ToolEvent } from "#client/tools/tool.ts";
import type { MicrographViewer } from "#client/viewer/micrograph-viewer.ts";
import type { AnnotationDocument } from "#core/document/annotation-document.ts";
import type { AnnotationCommand } from "#core/document/commands.ts";
import type { Box } from "#core/geometry/spatial-index.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import type { CanvasSettings } from "./canvas-controller.ts";
import { type PictureKey, pictureKey } from "./keymap.ts";

interface KeyTargets {
  readonly viewer: MicrographViewer;
  document(): AnnotationDocument;
  settings(): CanvasSettings;
  boxOf(ids: readonly string[]): readonly Box[];
  busy(): boolean;
  send(event: ToolEvent): void;
  space(held: boolean): void;
  /** Everybody sees where I point while its key is held. */
  laser(held: boolean): void;
  newId(): string;
}

/** O held this long peeks at the bare image; shorter, it hides the marks for good. */
const peekFromMs = 350;
const panStepPx = 40;
const zoomStep = 1.4;
/** A copy lies beside its original, by this many screen px. */
const copyOffsetPx = 16;

/** Listens on the picture alone: letters typed elsewhere are never commands. */
export function pressPictureKey(root: HTMLElement, targets: KeyTargets): () => void {
  let hidingSince: number | null = null;
  const listening = new AbortController();
  root.addEventListener(
    "keydown",
    (event) => {
      if (event.target !== root) return;
      if (event.code === "Space") {
        event.preventDefault();
        targets.space(true);
        return;
      }
      const key = pictureKey(event);
      if (!key) return;
      event.preventDefault();
      if (key.type === "laser") targets.laser(true);
      else if (key.type === "hide") {
        if (event.repeat) return;
        hidingSince = event.timeStamp;
        toggleMarks();
      } else act(key, targets);
    },
    { signal: listening.signal },
  );
  root.addEventListener(
    "keyup",
    (event) => {
      if (event.code === "Space") targets.space(false);
      if (event.key.toLowerCase() === "z") targets.laser(false);
      if (event.key.toLowerCase() !== "o" || hidingSince === null) return;
      if (event.timeStamp - hidingSince > peekFromMs) toggleMarks();
      hidingSince = null;
    },
    { signal: listening.signal },
  );
  root.addEventListener(
    "blur",
    () => {
      targets.space(false);
      targets.laser(false);
    },
    { signal: listening.signal },
  );
  return () => listening.abort();
}

function act(key: Exclude<PictureKey, { type: "hide" | "laser" }>, targets: KeyTargets) {
  const { viewer, send } = targets;
  const { selected } = useSelectionStore.getState();
  const tools = useToolStore.getState();
  const { readOnly, classes, micrograph } = targets.settings();
  switch (key.type) {
    case "tool":
      return tools.setTool(key.tool);
    case "class": {
      const chosen = classes.find((c) => c.key === key.key);
      if (!chosen) return;
      tools.setClass(chosen.id);
      if (readOnly || tools.tool !== "select" || selected.length === 0) return;
      const commands = selected.map(
        (id): AnnotationCommand => ({ type: "set-fields", id, fields: { classId: chosen.id } }),
      );
      return targets.document().execute({ type: "together", commands });
    }
    case "finish":
    case "cancel":
    case "remove":
      return send({ type: key.type });
    case "undo":
    case "redo":
      if (!readOnly) targets.document()[key.type]();
      return;
    case "duplicate":
      return readOnly ? undefined : duplicate(selected, targets);
    case "swap-side":
      return tools.setTrace(tools.traceBody === "film" ? "substrate" : "film", tools.traceInterfaceId);
    case "arrow":
      if (tools.tool === "select" && selected.length > 0 && !readOnly && !targets.busy()) {
        return send({ type: "nudge", dx: key.dx, dy: key.dy });
      }
      return viewer.panBy(-key.dx * panStepPx, -key.dy * panStepPx);
    case "fit":
      return viewer.fit();
    case "fit-selection": {
      const boxes = targets.boxOf(selected);
      if (boxes.length === 0) return viewer.fit();
      return viewer.fitTo({
        minX: Math.min(...boxes.map((b) => b.minX)),
        minY: Math.min(...boxes.map((b) => b.minY)),
        maxX: Math.max(...boxes.map((b) => b.maxX)),
        maxY: Math.max(...boxes.map((b) => b.maxY)),
      });
    }
    case "one-to-one":
      return viewer.oneToOne();
    case "zoom-in":
      return viewer.zoomBy(zoomStep);
    case "zoom-out":
      return viewer.zoomBy(1 / zoomStep);
    case "brush":
      if (tools.tool === "profile") return widenProfile(key.by > 1 ? 1 : -1);
      return tools.setBrushRadius(tools.brushRadiusPx * key.by);
    case "pair":
      return readOnly ? undefined : pair(selected, targets);
    case "frame": {
      const { frame, setFrame, setPlaying } = useDisplayStore.getState();
      setPlaying(false);
      return setFrame(Math.min(micrograph.frames - 1, Math.max(0, frame + key.by)));
    }
    case "signal": {
      const { signal, setSignal } = useDisplayStore.getState();
      const ids = micrograph.signals.map(({ id }) => id);
      const next = ids[(ids.indexOf(signal) + 1) % ids.length];
      if (next !== undefined) setSignal(next);
    }
  }
}

/** The next profile line, by a fifth and at least by 1 px. */
function widenProfile(by: 1 | -1) {
  const { widthPx, setWidth } = useProfileStore.getState();
  setWidth(widthPx + by * Math.max(1, Math.round(widthPx / 5)));
}

function toggleMarks() {
  const { marksVisible, setMarksVisible } = useSelectionStore.getState();
  setMarksVisible(!marksVisible);
}

/** The two selected traces become the two sides of one interface, and its gap is there. */
function pair(ids: readonly string[], targets: KeyTargets) {
  const annotations = targets.document().annotations();
  const command = pairTraces(
    ids.map((id) => annotations.get(id)),
    targets.newId,
  );
  if (command) targets.document().execute(command);
  else
    toast("Select two interface traces first (Shift adds to the selection): they become one gap.", "plain");
}

/** Copies beside their originals, selected; each says what it was copied from. */
function duplicate(ids: readonly string[], targets: KeyTargets) {
  const offset = copyOffsetPx / targets.viewer.viewport().scale;
  const originals = ids.flatMap((id) => targets.document().annotations().get(id) ?? []);
  if (originals.length === 0) return;
  const copies = originals.map((original) => copyOf(original, targets.newId(), offset));
  targets.document().execute({ type: "together", commands: copies });
  useSelectionStore.getState().select(copies.map(({ id }) => id));
}

function copyOf(
  original: Annotation,
  id: string,
  offset: number,
): Extract<AnnotationCommand, { type: "create" }> {
  const { kind, classId, attributes, parameters, frames, drawnOn, objectId, interfaceId, body, outline } =
    original;
  return {
    type: "create",
    id,
    annotation: {
      kind,
      classId,
      attributes,
      parameters,
      frames,
      drawnOn,
      objectId,
      interfaceId,
      body,
      drawnAt: new Date().toISOString(),
      origin: [...original.origin, { by: "drawn", tool: "duplicate", version: "1", source: original.id }],
      rings: outline.rings.map(({ closed, hole, vertices }) => ({
        closed,
        hole,
        points: vertices.map(({ x, y }) => [x + offset, y + offset] as const),
      })),
    },
  };
}
