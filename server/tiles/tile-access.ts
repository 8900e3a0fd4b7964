import type { Signal } from "#core/protocol/api/shapes.ts";

/** What a tile request must know: who may see the micrograph, its grid, and which derivations are its own. */
export interface TileAccess {
  readonly projectId: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly signals: readonly Pick<Signal, "id" | "tileType" | "derivation">[];
}

/** A signal as somebody shows it who has no window drawer of their own. */
export type PictureSignal = Pick<
  Signal,
  "id" | "tileType" | "derivation" | "tileScale" | "window" | "invert"
>;

export interface PictureAccess extends TileAccess {
  readonly signals: readonly PictureSignal[];
}
