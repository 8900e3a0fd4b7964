import {
  IconArrowsMove,
  IconBolt,
  IconBrush,
  IconChartLine,
  IconCircle,
  IconGridDots,
  IconLasso,
  IconLayersDifference,
  IconMapPin,
  IconPointer,
  IconPolygon,
  IconRectangle,
  IconRuler2,
  IconRulerMeasure,
  IconVectorSpline,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { ToolId } from "#client/state/tool-store.ts";

export interface ToolEntry {
  readonly id: ToolId;
  readonly label: string;
  readonly key: string;
  readonly hint: string;
  readonly icon: ComponentType<{ size?: number; stroke?: number }>;
  /** Writes marks: needs the right to annotate. */
  readonly draws: boolean;
  /** What people of other programs call it. */
  readonly otherNames: string;
}

const entry = (
  id: ToolId,
  label: string,
  key: string,
  icon: ToolEntry["icon"],
  hint: string,
  otherNames = "",
  draws = true,
): ToolEntry => ({ id, label, key, icon, hint, otherNames, draws });

/** The palette, in groups. */
export const toolGroups: readonly (readonly ToolEntry[])[] = [
  [
    entry(
      "select",
      "Select and edit",
      "V",
      IconPointer,
      "Click a mark, drag its vertices",
      "arrow, pointer, move",
      false,
    ),
    entry(
      "pan",
      "Pan",
      "H",
      IconArrowsMove,
      "Drag the picture; the space bar does it in any tool",
      "hand, scrolling tool",
      false,
    ),
  ],
  [
    entry(
      "trace",
      "Interface trace",
      "I",
      IconVectorSpline,
      "Substrate side first, then the film side: the gap appears",
      "segmented line, freehand line, gap, opening, separation",
    ),
    entry(
      "line",
      "Measurement line",
      "M",
      IconRuler2,
      "Drag from end to end",
      "straight line, distance, ruler, caliper",
    ),
    entry(
      "profile",
      "Line profile",
      "L",
      IconChartLine,
      "Drag across what you want to see: intensity along the line, averaged over a width",
      "plot profile, profile tool, line profile tool, intensity profile, edx line, linescan",
    ),
    entry(
      "fourier",
      "Live FFT",
      "U",
      IconGridDots,
      "Drag a square: its Fourier transform follows it",
      "fft, live fft, reduced fft, fourier transform, diffractogram, power spectrum, lattice spacing",
      false,
    ),
  ],
  [
    entry(
      "delamination",
      "Delamination",
      "D",
      IconLayersDifference,
      "A region of the delamination class",
      "detachment, debonding",
    ),
    entry(
      "damage",
      "Beam damage",
      "X",
      IconBolt,
      "A region of the beam damage class",
      "irradiation, knock-on",
    ),
  ],
  [
    entry(
      "polygon",
      "Polygon region",
      "P",
      IconPolygon,
      "Click the corners, Enter finishes",
      "polygon selection",
    ),
    entry("freehand", "Freehand region", "F", IconLasso, "Draw around it", "freehand selection, lasso, wand"),
    entry(
      "rectangle",
      "Rectangle region",
      "R",
      IconRectangle,
      "Drag from corner to corner",
      "rectangular selection, ROI",
    ),
    entry("ellipse", "Ellipse region", "E", IconCircle, "Drag from corner to corner", "oval selection"),
    entry(
      "brush",
      "Brush region",
      "B",
      IconBrush,
      "Paint; adds to the selected region, Alt erases",
      "paintbrush, selection brush",
    ),
  ],
  [
    entry("pin", "Comment pin", "C", IconMapPin, "Click where you mean", "point, marker, note"),
    entry(
      "calibrate",
      "Calibrate",
      "K",
      IconRulerMeasure,
      "Click both ends of something whose length is known",
      "set scale…, scale bar, calibrate image, lattice, pixel size",
    ),
  ],
];

export const allTools = toolGroups.flat();
