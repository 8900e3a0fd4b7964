import { toolOf } from "#client/tools/tools.ts";
import { toolContract } from "#tests/contracts/tool.ts";

const ids = [
  "select",
  "pan",
  "rectangle",
  "ellipse",
  "polygon",
  "freehand",
  "brush",
  "trace",
  "line",
  "profile",
  "fourier",
  "pin",
  "calibrate",
] as const;
for (const id of ids) toolContract(id, toolOf(id, "polygon"));
