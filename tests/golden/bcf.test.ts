import { describe, expect, it } from "vitest";
import { bcfReader } from "#core/formats/bcf.ts";
import { memoryByteSource } from "#core/formats/memory-byte-source.ts";
import { openFile } from "#core/formats/open-file.ts";
import { createRandom } from "#core/random/generator.ts";
import { writeBcf } from "#scripts/fixtures/bcf-writer.ts";
import { formatReaderContract, testContext } from "../contracts/format-reader.ts";

const [width, height] = [17, 13];
const noise = (seed: number) => {
  const random = createRandom(seed);
  return Uint16Array.from({ length: width * height }, () => Math.floor(random() * 65536));
};
const [haadf, bright, unused] = [noise(1), noise(2), noise(3)];
const planes = [
  { description: "DF", data: unused, valid: false },
  { description: "HAADF", data: haadf },
  { description: "BF", data: bright },
];
const bytes = writeBcf(planes, width, height, [0.002, 0.003]);

formatReaderContract(bcfReader, [
  { name: "three channels.bcf", bytes, frames: [haadf] },
  {
    name: "bytes.bcf",
    bytes: writeBcf([{ description: "SE", data: new Uint8Array(haadf.buffer, 0, 35) }], 7, 5, [1, 1]),
    frames: [new Uint8Array(haadf.buffer, 0, 35)],
  },
]);

describe("what a Bruker file says beside its pixels", () => {
  const open = (content: Uint8Array) => openFile(memoryByteSource(content), testContext("a.bcf"));

  it("channels that were recorded are signals of one grid, in µm an axis; the spectra are listed", async () => {
    const { format, images, others } = await open(bytes);
    expect([format, images.map((i) => i.title)]).toEqual(["BCF", ["HAADF", "BF"]]);
    expect(Array.from((await images[1]!.readRegion(0, 0, 0, width, height)).data)).toEqual(
      Array.from(bright),
    );
    const { calibration, acquisition } = images[0]!;
    expect(calibration.state === "calibrated" && [calibration.pixelSize, calibration.unit]).toEqual([
      { x: 2, y: 3 },
      "nm",
    ]);
    expect(acquisition).toMatchObject({
      signal: { value: "HAADF" },
      highTensionKv: { value: 20, source: { kind: "tag", path: "TRTSEMData.HV" } },
      magnification: { value: 131.5 },
    });
    expect(others).toEqual([
      { title: "SpectrumData0", kind: "spectrum image", shape: [height, width, 2048] },
    ]);
  });

  it("no length is uncalibrated, and a map without a picture is refused", async () => {
    const unscaled = writeBcf([{ description: "SE", data: haadf }], width, height, [0, 0]);
    expect((await open(unscaled)).images[0]!.calibration.state).toBe("uncalibrated");
    const alone = writeBcf([{ description: "SE", data: haadf, valid: false }], width, height, [1, 1]);
    await expect(open(alone)).rejects.toMatchObject({ code: "not-a-picture" });
  });
});
