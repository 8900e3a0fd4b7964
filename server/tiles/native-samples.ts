import { bytesPerPixelOf, type TileArray, type TileType } from "#core/pyramid/downsample.ts";

/** Bytes of a native tile as its samples; copied where they do not lie on a sample's boundary. */
export function samplesOf(bytes: Uint8Array, tileType: TileType): TileArray {
  const { buffer, byteOffset } =
    bytes.byteOffset % (bytesPerPixelOf[tileType] === 3 ? 1 : bytesPerPixelOf[tileType]) === 0
      ? bytes
      : bytes.slice();
  if (tileType === "u16") return new Uint16Array(buffer, byteOffset, bytes.length / 2);
  if (tileType === "f32") return new Float32Array(buffer, byteOffset, bytes.length / 4);
  return bytes;
}
