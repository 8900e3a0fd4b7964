import { expect, it } from "vitest";
import { pyramidLevels } from "#core/pyramid/levels.ts";
import { pasteTile, type TilePlace, tilePlaces } from "#server/tiles/tile-places.ts";

const [width, height, pixelBytes] = [1100, 700, 2];
const byteAt = (x: number, y: number, byte: number) => (7 * x + 13 * y + 101 * byte) % 251;

function tileAt(place: TilePlace): Uint8Array {
  const bytes = new Uint8Array(place.width * place.height * pixelBytes);
  let at = 0;
  for (let y = 0; y < place.height; y++)
    for (let x = 0; x < place.width; x++)
      for (let byte = 0; byte < pixelBytes; byte++) bytes[at++] = byteAt(place.x + x, place.y + y, byte);
  return bytes;
}

it.each([0, 1])("tiles from row %i on make a picture without a seam", (firstRow) => {
  const level = pyramidLevels(width, height)[0]!;
  const fromRow = 512 * firstRow;
  const picture = {
    bytes: new Uint8Array(width * (height - fromRow) * pixelBytes),
    stridePx: width,
    pixelBytes,
  };
  let tiles = 0;
  for (const place of tilePlaces(level, firstRow)) {
    tiles++;
    pasteTile(picture, { ...place, y: place.y - fromRow }, tileAt(place));
  }
  expect(tiles).toBe(3 * (2 - firstRow));
  const wrong = picture.bytes.findIndex((value, i) => {
    const px = Math.floor(i / pixelBytes);
    return value !== byteAt(px % width, fromRow + Math.floor(px / width), i % pixelBytes);
  });
  expect(wrong).toBe(-1);
});
