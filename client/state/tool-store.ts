import { create } from "zustand";

/** The tools of the palette, by the names of EXPERIENCE; delamination and damage are the region gesture with a class preset. */
export type ToolId =
  | "select"
  | "pan"
  | "rectangle"
  | "ellipse"
  | "polygon"
  | "freehand"
  | "delamination"
  | "damage"
  | "trace"
  | "line"
  | "pin";

export type RegionGesture = "rectangle" | "ellipse" | "polygon" | "freehand";

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
  setTool(tool: ToolId): void;
  setClass(classId: string | null): void;
  setTrace(body: "substrate" | "film", interfaceId: string | null): void;
}

export const useToolStore = create<ToolState>()((set) => ({
  tool: "select",
  regionGesture: "polygon",
  classId: null,
  traceBody: "substrate",
  traceInterfaceId: null,
  setTool: (tool) =>
    set(
      tool === "rectangle" || tool === "ellipse" || tool === "polygon" || tool === "freehand"
        ? { tool, regionGesture: tool }
        : { tool },
    ),
  setClass: (classId) => set({ classId }),
  setTrace: (traceBody, traceInterfaceId) => set({ traceBody, traceInterfaceId }),
}));
