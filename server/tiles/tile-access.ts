import type { Signal } from "#core/protocol/api/shapes.ts";

/** What a tile request must know: who may see the micrograph, its grid, and which derivations are its own. */
export interface TileAccess {
  readonly projectId: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly signals: readonly Pick<Signal, "id" | "tileType" | "derivation">[];
}
