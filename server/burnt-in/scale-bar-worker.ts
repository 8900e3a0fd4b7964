import { type GreyPlane, planeOfValues, planesOfColour } from "#core/burnt-in/grey-plane.ts";
import { type FoundScaleBar, findScaleBar } from "#core/burnt-in/scale-bar.ts";
import type { TileType } from "#core/pyramid/downsample.ts";
import { workerTask } from "#server/jobs/worker-task.ts";

/** Rows of a picture at full resolution, as its native tiles hold them. */
export interface PictureRows {
  readonly width: number;
  readonly height: number;
  /** Row of the picture that the first one here is. */
  readonly fromRow: number;
  readonly tileType: TileType;
  /** Samples, little-endian, row-major, interleaved. */
  readonly bytes: ArrayBuffer;
}

/** Looks for a scale bar in the rows; positions are those of the whole picture. */
export const lookForScaleBar = workerTask(async (rows: PictureRows): Promise<FoundScaleBar | null> => {
  const found = findScaleBar(planesOf(rows));
  if (!found) return null;
  const { fromRow } = rows;
  const down = ({ x, y }: FoundScaleBar["p"]) => ({ x, y: y + fromRow });
  return { ...found, p: down(found.p), q: down(found.q) };
});

function planesOf({ width, height, tileType, bytes }: PictureRows): readonly GreyPlane[] {
  switch (tileType) {
    case "rgb8":
      return planesOfColour(width, height, new Uint8Array(bytes));
    case "u8":
      return [{ width, height, values: new Uint8Array(bytes) }];
    case "u16":
      return [stretched(width, height, new Uint16Array(bytes))];
    case "f32":
      return [stretched(width, height, new Float32Array(bytes))];
  }
}

function stretched(width: number, height: number, values: Uint16Array | Float32Array): GreyPlane {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return planeOfValues(width, height, values, { min, max });
}
