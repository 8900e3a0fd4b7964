import { describe, expect, it } from "vitest";
import { memoryByteSource } from "#core/formats/memory-byte-source.ts";
import { openFile } from "#core/formats/open-file.ts";
import { writeSer } from "#scripts/fixtures/ser-writer.ts";
import { writeTiff } from "#scripts/fixtures/tiff-writer.ts";
import { testContext } from "../contracts/format-reader.ts";
import { grey16, height, picture, width } from "./tiny-pictures.ts";

const timesOf = async (bytes: Uint8Array, name: string) =>
  (await openFile(memoryByteSource(bytes), testContext(name))).images[0]!.frameTimesS;
const tiff = (pages: number, description: string) =>
  timesOf(
    writeTiff(
      Array.from({ length: pages }, (_, i) => [picture("uint8"), i === 0 ? { description } : {}] as const),
    ),
    "stack.tif",
  );
const ome = (pixels: string, planes: readonly string[]) =>
  `<?xml version="1.0"?><OME xmlns="x"><Image><Pixels ${pixels}>${planes
    .map((plane) => `<Plane ${plane}/>`)
    .join("")}</Pixels></Image></OME>`;

describe("frames keep the times their file gives them", () => {
  it("SER: irregular time tags", async () => {
    const bytes = writeSer([grey16, grey16, grey16], width, height, {
      ...{ wide: true, announced: 3, deltaM: [1e-9, 1e-9] },
      timesS: [0, 7, 9],
    });
    expect(await timesOf(bytes, "a_1.ser")).toEqual([0, 7, 9]);
  });

  it("OME: DeltaT of each plane, in its unit, from the first", async () => {
    const planes = [0.5, 0.75, 4].map(
      (t, i) => `TheT="${i}" TheC="0" TheZ="0" DeltaT="${t}" DeltaTUnit="min"`,
    );
    const times = await tiff(3, ome('DimensionOrder="XYCZT" SizeC="1" SizeZ="1" SizeT="3"', planes));
    expect(times).toEqual([0, 15, 210]);
  });

  it("OME: planes listed in another order than their pages", async () => {
    const planes = [
      'TheT="1" TheC="0" TheZ="0" DeltaT="5"',
      'TheT="0" TheC="1" TheZ="0" DeltaT="1"',
      'TheT="0" TheC="0" TheZ="0" DeltaT="0"',
      'TheT="1" TheC="1" TheZ="0" DeltaT="6.5"',
    ];
    const times = await tiff(4, ome('DimensionOrder="XYCZT" SizeC="2" SizeZ="1" SizeT="2"', planes));
    expect(times).toEqual([0, 1, 5, 6.5]);
  });

  it("ImageJ: its interval, where every page is a frame in time", async () => {
    const head = "ImageJ=1.54f\nimages=3\n";
    expect(await tiff(3, `${head}frames=3\nfinterval=0.4\n`)).toEqual([0, 0.4, 0.8]);
    expect(await tiff(3, `${head}frames=3\nfinterval=2\ntunit=min\n`)).toEqual([0, 120, 240]);
    expect(await tiff(3, `${head}slices=3\nfinterval=0.4\n`)).toBeUndefined();
  });

  it("no times where none are given, one is missing, or they fall", async () => {
    expect(await tiff(2, "a stack")).toBeUndefined();
    const pixels = 'DimensionOrder="XYCZT" SizeC="1" SizeZ="1" SizeT="2"';
    expect(await tiff(2, ome(pixels, ['TheT="0" DeltaT="0"']))).toBeUndefined();
    expect(await tiff(2, ome(pixels, ['TheT="0" DeltaT="3"', 'TheT="1" DeltaT="2"']))).toBeUndefined();
  });
});
