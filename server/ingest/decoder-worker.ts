import { workerTask } from "#server/jobs/worker-task.ts";
import { decodeImage as decode } from "./decode-image.ts";

export interface DecodeTask {
  readonly bytes: Uint8Array;
  readonly kind: "jpeg" | "png";
  readonly limits: { readonly maxPixels: number };
}

/** One compressed picture, or one tile of one. */
export const decodeImage = workerTask(({ bytes, kind, limits }: DecodeTask) => decode(bytes, kind, limits));
