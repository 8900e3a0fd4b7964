import type { RegionGesture, ToolId } from "#client/state/tool-store.ts";
import type { ClassRole } from "#core/schema/annotation-class.ts";
import { ellipseTool, rectangleTool } from "./box-tool.ts";
import { brushTool } from "./brush-tool.ts";
import { fourierTool } from "./fourier-tool.ts";
import { panTool } from "./pan-tool.ts";
import { calibrateTool, freehandTool, lineTool, polygonTool, profileTool, traceTool } from "./path-tools.ts";
import { pinTool } from "./pin-tool.ts";
import { selectTool } from "./select-tool.ts";
import type { Tool } from "./tool.ts";

const regionGestures: Readonly<Record<RegionGesture, Tool<never>>> = {
  rectangle: rectangleTool as Tool<never>,
  ellipse: ellipseTool as Tool<never>,
  polygon: polygonTool as Tool<never>,
  freehand: freehandTool as Tool<never>,
  brush: brushTool as Tool<never>,
};

/** The machine behind a palette entry. Delamination and damage are the region gesture last used. */
export function toolOf(id: ToolId, regionGesture: RegionGesture): Tool<unknown> {
  switch (id) {
    case "select":
      return selectTool as Tool<unknown>;
    case "pan":
      return panTool as Tool<unknown>;
    case "trace":
      return traceTool as Tool<unknown>;
    case "line":
      return lineTool as Tool<unknown>;
    case "profile":
      return profileTool as Tool<unknown>;
    case "fourier":
      return fourierTool as Tool<unknown>;
    case "calibrate":
      return calibrateTool as Tool<unknown>;
    case "pin":
      return pinTool as Tool<unknown>;
    case "delamination":
    case "damage":
      return regionGestures[regionGesture] as Tool<unknown>;
    default:
      return regionGestures[id] as Tool<unknown>;
  }
}

/** Role whose class a tool presets; null where the person's own choice of class holds. */
export function presetRole(id: ToolId): ClassRole | null {
  return id === "delamination" || id === "damage" ? id : null;
}
