import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeBcf } from "#scripts/fixtures/bcf-writer.ts";
import { writeVelox } from "#scripts/fixtures/emd-writer.ts";
import { type House, openHouse, takeIn, temporaryFolder } from "./house.ts";

const [width, height] = [37, 21];
const ramp = (start: number) => Uint16Array.from({ length: width * height }, (_, i) => start + i);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let house: House;
beforeEach(async () => {
  folder = await temporaryFolder();
  house = await openHouse(join(folder.path, "data"));
  await house.ingest.start();
});
afterEach(async () => {
  await house.close();
  await folder.remove();
});

const upload = async (name: string, bytes: Uint8Array) => {
  const source = await takeIn(house, folder.path, name, bytes);
  return {
    source,
    micrographs: await Promise.all(source.micrographs.map((id) => house.ingest.catalogue.micrograph(id))),
  };
};
const metadata = (detector: string) => ({
  Scan: { ScanSize: { width: "37" }, FrameTime: "0.5" },
  BinaryResult: {
    Detector: detector,
    PixelSize: { width: "2e-09", height: "2e-09" },
    PixelUnitX: "m",
    PixelUnitY: "m",
  },
});

describe("files that hold several things", () => {
  it("Velox: pictures of one grid are signals of one micrograph, others are micrographs; streams are named", async () => {
    const frames = (start: number) => [ramp(start), ramp(start + 1)];
    const both = (detector: string) => [metadata(detector), metadata(detector)];
    const bytes = writeVelox(
      [
        { id: "a", width, height, frames: frames(10), metadata: both("HAADF") },
        { id: "b", width, height, frames: frames(20), metadata: both("BF") },
        { id: "c", width, height, frames: [ramp(30)], metadata: [metadata("DF4")] },
      ],
      [{ id: "s", data: Uint16Array.of(1, 2) }],
    );
    const { source, micrographs } = await upload("map.emd", bytes);
    expect(source).toMatchObject({
      status: "ready",
      format: "EMD Velox",
      others: [{ title: "s", kind: "spectrum stream", shape: [2, 1] }],
    });
    expect(micrographs.map((m) => m!.signals.map((s) => [s.title, s.range.min]))).toEqual([
      [
        ["HAADF", 10],
        ["BF", 20],
      ],
      [["DF4", 30]],
    ]);
    expect(micrographs[0]).toMatchObject({ frames: 2, frameTimesS: [0, 0.5], status: "ready" });
  });

  it("Bruker: the electron pictures of a map are signals of one micrograph", async () => {
    const planes = [
      { description: "BSE", data: ramp(5) },
      { description: "SE", data: ramp(6) },
    ];
    const { source, micrographs } = await upload("map.bcf", writeBcf(planes, width, height, [1, 1]));
    expect([source.format, source.status]).toEqual(["BCF", "ready"]);
    expect(micrographs.map((m) => m!.signals.map((s) => s.title))).toEqual([["BSE", "SE"]]);
  });

  it("a damaged one is refused by its sentence, and the next is read", async () => {
    const whole = writeVelox([{ id: "a", width, height, frames: [ramp(1)], metadata: [metadata("HAADF")] }]);
    const { source } = await upload("cut.emd", whole.slice(0, whole.length / 2));
    expect(source).toMatchObject({ status: "failed", reason: expect.stringContaining("cut off or damaged") });
    expect((await upload("whole.emd", whole)).source.status).toBe("ready");
  });

  it("one that keeps the HDF5 library busy for ever is given up after its time, and the next is read", async () => {
    await house.close();
    house = await openHouse(join(folder.path, "data"), { limits: { describeMs: 8_000 } });
    await house.ingest.start();
    const whole = writeVelox([{ id: "a", width, height, frames: [ramp(1)], metadata: [metadata("HAADF")] }]);
    const endless = whole.slice();
    // The size of the first text in the heap of texts: with its own header it wraps around to nothing.
    endless.set([0xf0, 255, 255, 255, 255, 255, 255, 255], Buffer.from(endless).indexOf("GCOL") + 24);
    const { source } = await upload("endless.emd", endless);
    expect(source.status).toBe("failed");
    expect(source.reason?.length).toBeGreaterThan(30);
    expect((await upload("whole.emd", whole)).source.status).toBe("ready");
  });
});
