import { createElement, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import * as Y from "yjs";
import { createStore } from "zustand/vanilla";
import { MicrographCanvas } from "#client/layers/micrograph-canvas.tsx";
import { useDisplayStore } from "#client/state/display-store.ts";
import { useProbeStore } from "#client/state/probe-store.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import { useToolStore } from "#client/state/tool-store.ts";
import type { MicrographViewer } from "#client/viewer/micrograph-viewer.ts";
import { openAnnotationDocument } from "#core/document/annotation-document.ts";
import type { PresenceState } from "#core/protocol/presence.ts";
import type { AnnotationClass } from "#core/schema/annotation-class.ts";
import type { SyntheticTruth } from "#core/synthetic/render-state.ts";

const { micrograph, truth } = await (await fetch("/harness.json")).json();

export const classes: readonly AnnotationClass[] = [
  ["film", "#0072b2", "solid", "film"],
  ["delamination", "#d55e00", "solid", "delamination"],
  ["damage", "#cc79a7", "dashed", "damage"],
  ["residual film", "#009e73", "dash-dot", "residual-film"],
].map(([name, colour, pattern, role], i) => ({
  id: `class-${i + 1}`,
  name: name!,
  colour: colour!,
  pattern: pattern as AnnotationClass["pattern"],
  role: role as AnnotationClass["role"],
  key: String(i + 1),
  attributes: [],
}));

const document_ = openAnnotationDocument(new Y.Doc());
const people = new Map<number, PresenceState>();
const listeners = new Set<() => void>();
let local: Partial<PresenceState> = {};
const session = {
  current: createStore(() => ({ document: document_ })),
  presence: {
    clientId: () => 0,
    others: () => people,
    setLocal: (partial: Partial<PresenceState>) => {
      local = { ...local, ...partial };
    },
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  },
};

/** What tests and benches reach into. */
const harness = {
  micrograph,
  truth: truth as SyntheticTruth,
  document: document_,
  viewer: null as MicrographViewer | null,
  local: () => local,
  setPerson(client: number, state: PresenceState) {
    people.set(client, state);
    for (const listener of listeners) listener();
  },
  tools: useToolStore,
  selection: useSelectionStore,
  display: useDisplayStore,
  probe: useProbeStore,
};
export type CanvasHarness = typeof harness;
Object.assign(window, { harness });

createRoot(document.getElementById("app")!).render(
  createElement(
    StrictMode,
    null,
    createElement(
      "div",
      { style: { position: "fixed", inset: 0 } },
      createElement(MicrographCanvas, {
        micrograph,
        session,
        classes,
        readOnly: false,
        onReady: (viewer: MicrographViewer) => {
          harness.viewer = viewer;
        },
      }),
    ),
  ),
);
