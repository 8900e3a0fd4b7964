import { create } from "zustand";
import type { BarUnit } from "#core/burnt-in/read-lettering.ts";
import type { Point } from "#core/geometry/point.ts";

/** The tools of the palette; delamination and damage are the region gesture with a class preset. */
export type ToolId =
  | "select"
  | "pan"
  | "rectangle"
  | "ellipse"
  | "polygon"
  | "freehand"
  | "brush"
  | "delamination"
  | "damage"
  | "trace"
  | "line"
  | "profile"
  | "fourier"
  | "pin"
  | "calibrate";

const regionGestures = ["rectangle", "ellipse", "polygon", "freehand", "brush"] as const;
export type RegionGesture = (typeof regionGestures)[number];

export const brushRadiusPx = { least: 3, most: 120 } as const;

/** Two ends on the picture, image px; of a burnt-in bar also what is written beside it. */
export interface PointedFeature {
  readonly p: Point;
  readonly q: Point;
  readonly burntIn?: { readonly written: { readonly value: number; readonly unit: BarUnit } | null };
}

export interface ToolState {
  readonly tool: ToolId;
  /** The region gesture last used: what D and X draw with. */
  readonly regionGesture: RegionGesture;
  /** Class of the next mark; null = unclassified. */
  readonly classId: string | null;
  /** Which surface the next trace follows; alternates by itself, the chip at the cursor changes it. */
  readonly traceBody: "substrate" | "film";
  /** Interface of the next trace; null = a new one is made with the substrate trace. */
  readonly traceInterfaceId: string | null;
  /** Traces follow the edge in the picture, ends of lines go to it; Ctrl held does without. */
  readonly snapping: boolean;
  /** Radius on the screen: what it covers depends on the zoom. */
  readonly brushRadiusPx: number;
  /** A feature whose length is asked for, image px. */
  readonly knownFeature: PointedFeature | null;
  setTool(tool: ToolId): void;
  setClass(classId: string | null): void;
  setTrace(body: "substrate" | "film", interfaceId: string | null): void;
  setSnapping(snapping: boolean): void;
  setBrushRadius(radiusPx: number): void;
  setKnownFeature(feature: ToolState["knownFeature"]): void;
}

export const useToolStore = create<ToolState>()((set) => ({
  tool: "select",
  regionGesture: "polygon",
  classId: null,
  traceBody: "substrate",
  traceInterfaceId: null,
  snapping: true,
  brushRadiusPx: 16,
  knownFeature: null,
  setTool: (tool) => {
    const gesture = regionGestures.find((name) => name === tool);
    set(gesture ? { tool, regionGesture: gesture } : { tool });
  },
  setClass: (classId) => set({ classId }),
  setTrace: (traceBody, traceInterfaceId) => set({ traceBody, traceInterfaceId }),
  setSnapping: (snapping) => set({ snapping }),
  setBrushRadius: (radiusPx) =>
    set({ brushRadiusPx: Math.min(brushRadiusPx.most, Math.max(brushRadiusPx.least, radiusPx)) }),
  setKnownFeature: (knownFeature) => set({ knownFeature }),
}));
