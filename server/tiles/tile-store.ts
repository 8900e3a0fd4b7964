/** Bytes of tiles, from derived files, through a memory bounded by bytes. */
export interface TileStore {
  close(): Promise<void>;
}
