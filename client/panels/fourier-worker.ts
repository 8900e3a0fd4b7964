import { isDomainError } from "#core/errors/domain-error.ts";
import { powerSpectrum, type SpectrumWindow } from "#core/measurement/fourier-spectrum.ts";

/** A square of recorded values to transform; `turn` comes back with the answer. */
export interface SpectrumRequest {
  readonly turn: number;
  readonly values: Float64Array;
  readonly side: number;
  readonly window: SpectrumWindow;
}

export type SpectrumAnswer =
  | { readonly turn: number; readonly ok: true; readonly power: Float32Array; readonly finiteShare: number }
  | { readonly turn: number; readonly ok: false; readonly message: string };

// The page's own types stand for the worker's: both have these two.
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<SpectrumRequest>) => void;
  postMessage(answer: SpectrumAnswer, transfer: Transferable[]): void;
};

scope.onmessage = ({ data: { turn, values, side, window } }) => {
  try {
    const { power, finiteShare } = powerSpectrum(values, side, window);
    scope.postMessage({ turn, ok: true, power, finiteShare }, [power.buffer]);
  } catch (error) {
    if (!isDomainError(error)) throw error;
    scope.postMessage({ turn, ok: false, message: error.message }, []);
  }
};
