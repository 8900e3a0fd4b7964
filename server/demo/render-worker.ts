import { writeFileSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { calibratedTiff } from "#core/synthetic/calibrated-tiff.ts";
import { renderDiffraction } from "#core/synthetic/diffraction-pattern.ts";
import { renderState, type SyntheticTruth } from "#core/synthetic/render-state.ts";
import { syntheticStates } from "#core/synthetic/states.ts";

/** One picture to render into a calibrated 16-bit TIFF at `path`. */
export type RenderRequest =
  | {
      readonly kind: "state";
      readonly stateId: string;
      readonly seed: number;
      readonly gridPx: number;
      readonly path: string;
    }
  | {
      readonly kind: "diffraction";
      readonly sodiation: number;
      readonly seed: number;
      readonly sidePx: number;
      readonly path: string;
    };

export interface RenderAnswer {
  readonly truth: SyntheticTruth | null;
}

parentPort?.on("message", (request: RenderRequest) => {
  parentPort?.postMessage(render(request));
});

function render(request: RenderRequest): RenderAnswer {
  if (request.kind === "diffraction") {
    const { counts, truth } = renderDiffraction(request.sodiation, request.seed, request.sidePx);
    writeFileSync(
      request.path,
      calibratedTiff(counts, request.sidePx, request.sidePx, truth.perNmPerPx, "1/nm"),
    );
    return { truth: null };
  }
  const state = syntheticStates.find(({ id }) => id === request.stateId);
  if (!state)
    throw new RangeError(`Expected a state of the synthetic series, received "${request.stateId}".`);
  const { counts, widthPx, heightPx, truth } = renderState(state, request.seed, request.gridPx);
  writeFileSync(request.path, calibratedTiff(counts, widthPx, heightPx, truth.nmPerPx, "nm"));
  return { truth };
}
