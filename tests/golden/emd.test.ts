import { describe, expect, it } from "vitest";
import { emdReader } from "#core/formats/emd.ts";
import { memoryByteSource } from "#core/formats/memory-byte-source.ts";
import { openFile } from "#core/formats/open-file.ts";
import type { SampleArray } from "#core/micrograph/raster.ts";
import { createRandom } from "#core/random/generator.ts";
import { writeEmdOne, writeLinkOut, writeNcem, writeVelox } from "#scripts/fixtures/emd-writer.ts";
import { formatReaderContract, testContext } from "../contracts/format-reader.ts";

const [width, height] = [7, 5];
const noise = <Samples extends SampleArray>(data: Samples, seed: number): Samples => {
  const random = createRandom(seed);
  for (let i = 0; i < data.length; i++) data[i] = Math.floor((random() - 0.5) * 60_000);
  return data;
};
const frame = (seed: number) => noise(new Int16Array(width * height), seed);

const stem = {
  Instrument: { InstrumentModel: "Titan" },
  Acquisition: { AcquisitionStartDatetime: { DateTime: "1596041374" } },
  Optics: { AccelerationVoltage: "300000", CameraLength: "0.301", Defocus: "-1.5e-08" },
  Stage: { AlphaTilt: "-0.5235987755982988", BetaTilt: "0" },
  Scan: { ScanSize: { width: "7" }, DwellTime: "1e-05", FrameTime: "0.25" },
  Detectors: {
    "Detector-0": { DetectorName: "BF", DetectorType: "ScanningDetector" },
    "Detector-4": {
      DetectorName: "HAADF",
      DetectorType: "ScanningDetector",
      CollectionAngleRange: { begin: "0.0625", end: "0.2" },
    },
  },
  BinaryResult: {
    Detector: "HAADF",
    PixelSize: { width: "2e-09", height: "3e-09" },
    PixelUnitX: "m",
    PixelUnitY: "m",
  },
  CustomProperties: { StemMagnification: { type: "double", value: "7100" } },
};
const camera = (stampUs: number) => ({
  Optics: {
    AccelerationVoltage: "200000",
    NominalMagnification: "27000",
    Defocus: "-1.5e-08",
    CameraLength: "0.4",
  },
  Scan: { ScanSize: { width: "0" } },
  Detectors: {
    "Detector-1": {
      DetectorName: "BM-Ceta",
      DetectorType: "ImagingDetector",
      ExposureTime: "0.4",
      Binning: { width: "2", height: "2" },
    },
  },
  BinaryResult: {
    Detector: "BM-Ceta",
    PixelSize: { width: "5e+07", height: "5e+07" },
    PixelUnitX: "1/m",
    PixelUnitY: "1/m",
  },
  CustomProperties: { "Detectors[BM-Ceta].TimeStamp": { type: "int64", value: String(stampUs) } },
});

const [first, second] = [frame(1), frame(2)];
const ncemStack = noise(new Float32Array(width * height * 2), 3);
const spectrum = Float32Array.from({ length: 2 * width * height }, (_, i) => (i - 30) * 1.5);

formatReaderContract(emdReader, [
  {
    name: "velox two frames.emd",
    bytes: writeVelox([{ id: "a1", width, height, frames: [first, second], metadata: [stem, stem] }]),
    frames: [first, second],
    costly: true,
  },
  {
    name: "velox compressed.emd",
    bytes: writeVelox([
      { id: "a1", width, height, frames: [first, second], metadata: [stem, stem], compressed: true },
    ]),
    frames: [first, second],
    costly: true,
  },
  {
    name: "velox complex, as modulus.emd",
    bytes: writeVelox([{ id: "f1", width, height, frames: [spectrum], metadata: [stem], complex: true }]),
    frames: [
      Float32Array.from({ length: width * height }, (_, i) =>
        Math.hypot(spectrum[2 * i]!, spectrum[2 * i + 1]!),
      ),
    ],
    costly: true,
  },
  {
    name: "berkeley stack.emd",
    bytes: writeNcem([
      {
        path: "data/stack",
        data: ncemStack,
        shape: [2, height, width],
        axes: [{ values: [0, 2], units: "[s]" }, { values: [0, 3] }, { values: [0, 2] }],
      },
    ]),
    frames: [ncemStack.subarray(0, width * height), ncemStack.subarray(width * height)],
    costly: true,
  },
]);

describe("what an EMD file says beside its pixels", () => {
  const open = (bytes: Uint8Array) => openFile(memoryByteSource(bytes), testContext("a.emd"));

  it("Velox: sizes an axis, times, the scan's conditions with their paths; streams of spectra are listed", async () => {
    const pictures = [
      { id: "a1", width, height, frames: [first, second], metadata: [stem, stem], label: "HAADF (1)" },
    ];
    const { format, images, others } = await open(
      writeVelox(pictures, [{ id: "s1", data: Uint16Array.of(1, 2, 3) }]),
    );
    expect([format, images.length]).toEqual(["EMD Velox", 1]);
    const { title, calibration, acquisition, frameTimesS } = images[0]!;
    expect(title).toBe("HAADF (1)");
    expect(calibration.state === "calibrated" && [calibration.pixelSize, calibration.unit]).toEqual([
      { x: expect.closeTo(2, 12), y: expect.closeTo(3, 12) },
      "nm",
    ]);
    expect(frameTimesS).toEqual([0, 0.25]);
    const values = Object.fromEntries(Object.entries(acquisition).map(([name, { value }]) => [name, value]));
    expect(values).toEqual({
      mode: "STEM",
      signal: "HAADF",
      highTensionKv: 300,
      magnification: 7100,
      cameraLengthMm: expect.closeTo(301, 9),
      stageAlphaDeg: expect.closeTo(-30, 9),
      stageBetaDeg: 0,
      dwellTimeUs: expect.closeTo(10, 9),
      collectionInnerMrad: expect.closeTo(62.5, 9),
      collectionOuterMrad: expect.closeTo(200, 9),
      detector: "HAADF",
      instrument: "Titan",
      acquiredAt: "2020-07-29T16:49:34.000Z",
    });
    expect(acquisition.highTensionKv?.source).toEqual({ kind: "tag", path: "Optics.AccelerationVoltage" });
    expect(others).toEqual([{ title: "s1", kind: "spectrum stream", shape: [3, 1] }]);
  });

  it("Velox: complex pictures open beside the others and say that they are complex", async () => {
    const { images, others } = await open(
      writeVelox([
        { id: "a1", width, height, frames: [first], metadata: [stem] },
        { id: "f1", width, height, frames: [spectrum], metadata: [stem], label: "FFT", complex: true },
      ]),
    );
    expect(images.map(({ title, sampleType, complex }) => [title, sampleType, complex ?? false])).toEqual([
      ["HAADF", "int16", false],
      ["FFT", "float32", true],
    ]);
    expect(others).toEqual([]);
    const { data } = await images[1]!.readRegion(0, 3, 2, 2, 1);
    expect(Array.from(data)).toEqual(
      [17, 18].map((i) => Math.fround(Math.hypot(spectrum[2 * i]!, spectrum[2 * i + 1]!))),
    );
  });

  it("Velox: a camera's frames have its own time stamps; reciprocal pixels are diffraction", async () => {
    const start = 1_575_540_226_238_991;
    const metadata = [camera(start), camera(start + 799_976)];
    const { images } = await open(
      writeVelox([{ id: "c", width, height, frames: [first, second], metadata }]),
    );
    const { kind, calibration, acquisition, frameTimesS } = images[0]!;
    expect(frameTimesS).toEqual([0, 0.799976]);
    expect(kind).toBe("diffraction");
    expect(calibration.state === "calibrated" && [calibration.pixelSize.x, calibration.unit]).toEqual([
      expect.closeTo(0.05, 12),
      "1/nm",
    ]);
    expect(acquisition).toMatchObject({
      mode: { value: "TEM" },
      magnification: { value: 27000 },
      defocusNm: { value: expect.closeTo(-15, 9) },
      exposureTimeS: { value: 0.4 },
      binning: { value: 2 },
    });
    expect(acquisition.cameraLengthMm).toBeUndefined();
  });

  it("Velox: damaged metadata cost the calibration, not the picture", async () => {
    const bytes = writeVelox([{ id: "a1", width, height, frames: [first], metadata: [stem] }]);
    const at = Buffer.from(bytes).indexOf('{"Instrument"');
    bytes[at] = 0x28;
    const image = (await open(bytes)).images[0]!;
    expect([image.calibration.state, image.warnings.length]).toEqual(["uncalibrated", 1]);
    expect(Array.from((await image.readRegion(0, 0, 0, width, height)).data)).toEqual(Array.from(first));
  });

  it("Berkeley: the first vector belongs to the rows; units as [n_m]; no unit is no calibration", async () => {
    const picture = (path: string, y: readonly number[], x: readonly number[], units?: string) => ({
      path,
      data: first,
      shape: [height, width],
      axes: [
        { values: y, ...(units ? { units } : {}) },
        { values: x, ...(units ? { units } : {}) },
      ],
    });
    const bytes = writeNcem(
      [
        picture("data/a", [0, 0.5, 1, 1.5, 2], [0, 0.25], "[n_m]"),
        picture("data/b", [0, 1], [0, 1]),
        picture("data/c", [0, 1, 2, 3, 9], [0, 1], "nm"),
      ],
      { "high tension": 200000, name: "TEAM 0.5" },
    );
    const { images } = await open(bytes);
    expect(images.map(({ title, calibration }) => [title, calibration.state])).toEqual([
      ["data/a", "calibrated"],
      ["data/b", "uncalibrated"],
      ["data/c", "uncalibrated"],
    ]);
    const { calibration, acquisition } = images[0]!;
    expect(calibration.state === "calibrated" && calibration.pixelSize).toEqual({ x: 0.25, y: 0.5 });
    expect(acquisition).toEqual({
      highTensionKv: { value: 200, source: { kind: "tag", path: "/microscope@high tension" } },
      instrument: { value: "TEAM 0.5", source: { kind: "tag", path: "/microscope@name" } },
    });
  });

  it("Berkeley 1.0: arrays of the tree, axes from 0 by two values; what is 4-D is listed", async () => {
    const bytes = writeEmdOne([
      { path: "scan/HAADF", data: first, shape: [height, width], stepPerAxis: [2, 1], units: "nm" },
      {
        path: "scan/datacube",
        data: new Uint8Array(16),
        shape: [2, 2, 2, 2],
        stepPerAxis: [1, 1, 1, 1],
        units: "nm",
      },
    ]);
    const { format, images, others } = await open(bytes);
    expect([format, images.length, images[0]!.title]).toEqual(["EMD", 1, "scan/HAADF"]);
    expect(images[0]!.calibration).toMatchObject({ unit: "nm", pixelSize: { x: 1, y: 2 } });
    expect(Array.from((await images[0]!.readRegion(0, 0, 0, width, height)).data)).toEqual(Array.from(first));
    expect(others).toEqual([{ title: "scan/datacube", kind: "4-D data set", shape: [2, 2, 2, 2] }]);
  });

  it("64-bit integers are read as floats of 64 bits, and a warning says where they end", async () => {
    const data = BigInt64Array.of(-5n, 2n ** 53n, 7n, 0n, -(2n ** 40n), 1n);
    const axes = [{ values: [0, 1] }, { values: [0, 1] }];
    const { images } = await open(writeNcem([{ path: "data/wide", data, shape: [2, 3], axes }]));
    const raster = await images[0]!.readRegion(0, 0, 0, 3, 2);
    expect(raster.sampleType).toBe("float64");
    expect(Array.from(raster.data)).toEqual([-5, 2 ** 53, 7, 0, -(2 ** 40), 1]);
    expect(images[0]!.warnings).toEqual([expect.stringContaining("64-bit integers")]);
  });

  it("Berkeley: 4-D data and spectra are listed, and refused where there is nothing else", async () => {
    const axes = (n: number, units = "nm") => Array.from({ length: n }, () => ({ values: [0, 1], units }));
    const scan = { path: "data/scan", data: new Uint8Array(24), shape: [2, 2, 2, 3], axes: axes(4) };
    const map = { path: "data/map", data: new Uint8Array(24), shape: [2, 3, 4], axes: axes(3, "eV") };
    await expect(open(writeNcem([scan]))).rejects.toMatchObject({
      code: "not-a-picture",
      message: expect.stringContaining("4-D data set of 2 × 2 × 2 × 3"),
    });
    const beside = { path: "data/image", data: first, shape: [height, width], axes: axes(2) };
    const { images, others } = await open(writeNcem([beside, map, scan]));
    expect(images.map((i) => i.title)).toEqual(["data/image"]);
    expect(others.map(({ title, kind }) => [title, kind])).toEqual([
      ["data/map", "spectrum image"],
      ["data/scan", "4-D data set"],
    ]);
  });

  it("a link out of the file leads nowhere, and HDF5 that is no EMD is said to be so", async () => {
    await expect(open(writeLinkOut("/etc/passwd"))).rejects.toMatchObject({ code: "not-a-picture" });
    const other = writeVelox([]);
    const at = Buffer.from(other).indexOf("Velox");
    other[at] = 0x58;
    await expect(open(other)).rejects.toMatchObject({ code: "unknown-format" });
  });

  it("without the library an HDF5 file is refused, not misread", async () => {
    const bytes = writeVelox([{ id: "a1", width, height, frames: [first], metadata: [stem] }]);
    const context = testContext("a.emd");
    const { hdf5: _, ...codecs } = context.codecs;
    await expect(openFile(memoryByteSource(bytes), { ...context, codecs })).rejects.toMatchObject({
      code: "unsupported",
    });
  });
});
