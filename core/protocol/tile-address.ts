/**
 * Address of one tile: relative to the micrograph, hashed by content, therefore immutable.
 * `display` tiles are 8-bit JPEG in the signal's default window; `native` tiles hold the values (signal.tileType),
 * little-endian, row-major, no header; the tile's size follows from pyramidLevels (core/pyramid/levels.ts).
 */
export interface TileAddress {
  readonly micrographId: string;
  readonly derivation: string;
  readonly signal: string;
  readonly frame: number;
  /** 0 = full resolution, as in pyramidLevels. */
  readonly level: number;
  readonly column: number;
  readonly row: number;
  readonly form: "display" | "native";
}

const pattern =
  /^\/tiles\/([A-Za-z0-9_-]{8,40})\/([A-Za-z0-9_-]{8,64})\/(\d{1,3})\/(\d{1,6})\/(\d{1,2})\/(\d{1,5})_(\d{1,5})\.(jpg|bin)$/;

export function formatTilePath(tile: TileAddress): string {
  const extension = tile.form === "display" ? "jpg" : "bin";
  return `/tiles/${tile.micrographId}/${tile.derivation}/${tile.signal}/${tile.frame}/${tile.level}/${tile.column}_${tile.row}.${extension}`;
}

/** The tile a path names, or undefined where it names none. Integers only: no path ever reaches a file system. */
export function parseTilePath(path: string): TileAddress | undefined {
  const m = pattern.exec(path);
  if (!m) return undefined;
  return {
    micrographId: m[1]!,
    derivation: m[2]!,
    signal: m[3]!,
    frame: Number(m[4]),
    level: Number(m[5]),
    column: Number(m[6]),
    row: Number(m[7]),
    form: m[8] === "jpg" ? "display" : "native",
  };
}
