import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderState, type SyntheticTruth } from "#core/synthetic/render-state.ts";
import { syntheticStates } from "#core/synthetic/states.ts";
import { writeDm } from "#scripts/fixtures/dm-writer.ts";

/** A DM4 file as a microscope might have written it: the desodiated wire, 960 × 768 px of 16 bits, calibrated, truth known. */
export function writePhantomFile(folder: string, name: string): { path: string; truth: SyntheticTruth } {
  const state = syntheticStates.find(({ id }) => id === "desodiated")!;
  const { counts, widthPx, heightPx, truth } = renderState(state, 5, 1024);
  const calibration = { scale: truth.nmPerPx, unit: "nm" };
  const bytes = writeDm(4, [
    {
      name: "phantom",
      dimensions: [widthPx, heightPx],
      dataType: 10,
      data: counts,
      calibrations: [calibration, calibration],
    },
  ]);
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return { path, truth };
}
