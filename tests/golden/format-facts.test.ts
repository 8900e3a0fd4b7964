import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { memoryByteSource } from "#core/formats/memory-byte-source.ts";
import { openFile } from "#core/formats/open-file.ts";
import type { SourceImage } from "#core/formats/reader.ts";
import { writeDm } from "#scripts/fixtures/dm-writer.ts";
import { writeMrc } from "#scripts/fixtures/mrc-writer.ts";
import { writePng } from "#scripts/fixtures/png-writer.ts";
import { writeTiff } from "#scripts/fixtures/tiff-writer.ts";
import { nodeCodecs } from "#server/ingest/codecs.ts";
import { testContext } from "../contracts/format-reader.ts";
import {
  bits,
  dm,
  grey8,
  grey16,
  height,
  jpegBytes,
  noise,
  picture,
  raw,
  ser,
  width,
} from "./tiny-pictures.ts";

describe("what a file says beside its pixels", () => {
  const open = (name: string, bytes: Uint8Array) => openFile(memoryByteSource(bytes), testContext(name));
  const acquired = (image: SourceImage | undefined) =>
    Object.fromEntries(Object.entries(image!.acquisition).map(([name, { value }]) => [name, value]));

  it("DigitalMicrograph: another unit an axis, frame times, tags with their paths; the thumbnail is no picture", async () => {
    const { images, format } = await open("a.dm4", dm(4, "float32", 2).bytes);
    expect([format, images.length]).toEqual(["DM4", 1]);
    const { calibration, frameTimesS, acquisition } = images[0]!;
    expect(
      calibration.state === "calibrated" && [
        calibration.pixelSize.x,
        calibration.pixelSize.y,
        calibration.unit,
      ],
    ).toEqual([1, 0.2, "nm"]);
    expect(frameTimesS).toEqual([0, 0.5]);
    expect(acquisition.highTensionKv).toEqual({
      value: 200,
      source: { kind: "tag", path: "ImageTags.Microscope Info.Voltage" },
    });
  });

  it("DigitalMicrograph: complex pixels are given as their modulus, colours in red, green, blue, alpha", async () => {
    const pairs = {
      name: "fft",
      dimensions: [1, 2],
      dataType: 3,
      data: Float32Array.of(3, 4, -6, 8),
      calibrations: [],
    };
    const colour = {
      name: "map",
      dimensions: [1, 2],
      dataType: 23,
      data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
      calibrations: [],
    };
    const { images } = await open("a.dm3", writeDm(3, [pairs, colour]));
    expect(images[0]).toMatchObject({ complex: true, sampleType: "float32" });
    expect(Array.from((await images[0]!.readRegion(0, 0, 0, 1, 2)).data)).toEqual([5, 10]);
    expect(Array.from((await images[1]!.readRegion(0, 0, 0, 1, 2)).data)).toEqual([3, 2, 1, 4, 7, 6, 5, 8]);
  });

  it("MRC: columns follow the axis that MAPC names; a negative cell is no calibration", async () => {
    const cellAngstrom = [10, 35, 140] as const;
    const sizes = writeMrc(noise("int16"), width, height, { mode: 1, axes: [3, 2, 1], cellAngstrom });
    const { calibration } = (await open("a.mrc", sizes)).images[0]!;
    expect(calibration.state === "calibrated" && calibration.pixelSize).toEqual({ x: 2, y: 0.7 });
    const negative = writeMrc(noise("int16"), width, height, { mode: 1, cellAngstrom: [-7, -5, 0] });
    expect((await open("a.mrc", negative)).images[0]!.calibration.state).toBe("uncalibrated");
  });

  it("TIA: an aborted series says so, its times and sizes are told, and a document brings its series", async () => {
    const series = ser("a_1", false, "uint16").bytes;
    const { images } = await open("a_1.ser", series);
    const { calibration, warnings, frameTimesS, frames } = images[0]!;
    expect(calibration.state === "calibrated" && calibration.pixelSize.x).toBeCloseTo(2, 12);
    expect(calibration.state === "calibrated" && calibration.pixelSize.y).toBeCloseTo(3, 12);
    expect([frames, warnings, frameTimesS]).toEqual([
      2,
      ["The header announces 3 frames, 2 are recorded."],
      [0, 1],
    ]);
    const document = memoryByteSource(Uint8Array.of(0x4a, 0x4b, 0, 2, 0, 0));
    await expect(openFile(document, testContext("a.emi"))).rejects.toMatchObject({ code: "not-a-picture" });
    const sidecars = [{ name: "a_1.ser", source: memoryByteSource(series) }];
    expect((await openFile(document, { ...testContext("a.emi"), sidecars })).images).toHaveLength(1);
  });

  it("TIFF: 72 dpi is no calibration, ImageJ's unit is one; inversion is told, not applied", async () => {
    const dpi = writeTiff([[picture("uint8"), { resolution: [72, 1, 2] }]]);
    expect((await open("a.tif", dpi)).images[0]!.calibration.state).toBe("uncalibrated");
    const imageJ = writeTiff([
      [picture("uint8"), { resolution: [4, 1, 1], description: "ImageJ=1.54f\nunit=\\u00B5m\n" }],
    ]);
    const { calibration } = (await open("a.tif", imageJ)).images[0]!;
    expect(calibration.state === "calibrated" && calibration.pixelSize).toEqual({ x: 250, y: 250 });
    const white = writeTiff([[picture("uint8"), { photometric: 0 }]]);
    expect((await open("a.tif", white)).images[0]!.display).toEqual({ invert: true });
  });

  it("MRC: bytes are signed, unless the header's own range says that they cannot be", async () => {
    const values = Uint8Array.of(0, 1, 127, 128, 200, 255);
    const file = writeMrc(values, 3, 2, { mode: 0 });
    const read = async (range: readonly [number, number]) => {
      const view = new DataView(file.buffer);
      view.setFloat32(76, range[0], true);
      view.setFloat32(80, range[1], true);
      const image = (await open("a.mrc", file)).images[0]!;
      return [...(await image.readRegion(0, 0, 0, 3, 2)).data, image.warnings.join()];
    };
    const signed = [0, 1, 127, -128, -56, -1];
    expect(await read([-128, 127])).toEqual([...signed, ""]);
    expect(await read([0, 0])).toEqual([...signed, ""]);
    expect(await read([0, 255])).toEqual([...values, expect.stringContaining("read as unsigned")]);
  });

  it("TIFF: ImageJ's stack behind one page has all its frames", async () => {
    const stack = noise("uint16", 1, 2);
    const page = { ...picture("uint16"), data: stack.subarray(0, width * height) };
    const second = { ...page, data: stack.subarray(width * height) };
    const single = writeTiff([[page, { description: "ImageJ=1.54f\nimages=2000\n" }]]);
    // Written as one picture of double height, its page then says half of it: the second frame runs on behind the first.
    const tall = writeTiff([
      [{ ...page, height: height * 2, data: stack }, { description: "ImageJ=1.54f\nimages=2\n" }],
    ]);
    const heightEntry = tall.findIndex(
      (byte, i) => byte === 1 && tall[i + 1] === 1 && tall[i + 2] === 4 && tall[i + 8] === height * 2,
    );
    tall[heightEntry + 8] = height;
    const { images } = await open("a.tif", tall);
    expect(images[0]!.frames).toBe(2);
    expect(Array.from((await images[0]!.readRegion(1, 0, 0, width, height)).data)).toEqual(
      Array.from(second.data),
    );
    // One slice taken out of a stack: what lies behind its pixels is no frame.
    const [slice] = (await open("a.tif", single)).images;
    expect([slice!.frames, slice!.warnings.join()]).toEqual([
      1,
      expect.stringContaining("speaks of 2000 frames"),
    ]);
  });

  it("OME-TIFF: frames that are several channels say so, in the order of the file", async () => {
    const stack = (pixels: string) =>
      writeTiff(
        Array.from({ length: 6 }, (_, i) => [
          picture("uint8"),
          i === 0 ? { description: `<OME><Image><Pixels ${pixels}/></Image></OME>` } : {},
        ]),
      );
    const warnings = async (pixels: string) => (await open("a.ome.tif", stack(pixels))).images[0]!.warnings;
    expect(await warnings('DimensionOrder="XYZCT" SizeZ="1" SizeC="2" SizeT="3"')).toEqual([
      "The 6 frames are 2 channels × 3 times, the channel changing first.",
    ]);
    expect(await warnings('DimensionOrder="XYTCZ" SizeZ="3" SizeC="1" SizeT="2"')).toEqual([
      "The 6 frames are 2 times × 3 depths, the time changing first.",
    ]);
    expect(await warnings('DimensionOrder="XYZCT" SizeZ="1" SizeC="1" SizeT="6"')).toEqual([]);
  });

  it("DigitalMicrograph: a scan's and a camera's conditions, each with its tag", async () => {
    const tags = {
      "Microscope Info": {
        Voltage: 300_000,
        "Illumination Mode": "STEM NANOPROBE",
        "Indicated Magnification": 225_000,
        "STEM Camera Length": 115,
        "Stage Position": { "Stage Alpha": -12.5, "Stage Beta": 0 },
        Microscope: "Titan",
      },
      DataBar: { "Signal Name": "ADF" },
      DigiScan: { "Sample Time": 8 },
    };
    const camera = {
      "Microscope Info": { Voltage: 200_000, "Illumination Mode": "TEM", "STEM Camera Length": 115 },
      Acquisition: { Parameters: { "High Level": { "Exposure (s)": 0.5 } }, Device: { Name: "K3" } },
    };
    const base = { dimensions: [1, 2], dataType: 6, data: Uint8Array.of(1, 2), calibrations: [] };
    const { images } = await open(
      "a.dm4",
      writeDm(4, [
        { ...base, name: "scan", tags },
        { ...base, name: "camera", tags: camera },
      ]),
    );
    expect(acquired(images[0])).toEqual({
      mode: "STEM",
      signal: "ADF",
      highTensionKv: 300,
      magnification: 225_000,
      cameraLengthMm: 115,
      stageAlphaDeg: -12.5,
      stageBetaDeg: 0,
      dwellTimeUs: 8,
      instrument: "Titan",
    });
    expect(acquired(images[1])).toEqual({
      mode: "TEM",
      highTensionKv: 200,
      exposureTimeS: 0.5,
      detector: "K3",
    });
    expect(images[0]!.acquisition.dwellTimeUs?.source).toEqual({
      kind: "tag",
      path: "ImageTags.DigiScan.Sample Time",
    });
  });

  it("TIFF: FEI's beam, scan and detector, in their own units", async () => {
    const ini = [
      "[System]\r\nSystemType=Helios NanoLab",
      "[Beam]\r\nHV=5000\r\nBeam=EBeam",
      "[EBeam]\r\nBeamCurrent=8.6e-11\r\nHFW=1.4e-05",
      "[Scan]\r\nDwelltime=3e-06\r\nPixelWidth=2e-09\r\nPixelHeight=3e-09",
      "[Detectors]\r\nName=TLD",
    ].join("\r\n");
    const bytes = writeTiff([[picture("uint8"), { texts: [[34682, ini]] }]]);
    const image = (await open("a.tif", bytes)).images[0]!;
    expect(acquired(image)).toEqual({
      highTensionKv: 5,
      probeCurrentNa: expect.closeTo(0.086, 12),
      dwellTimeUs: expect.closeTo(3, 12),
      detector: "TLD",
      instrument: "Helios NanoLab",
    });
    expect(image.acquisition.dwellTimeUs?.source).toEqual({ kind: "tag", path: "FEI [Scan] Dwelltime" });
  });

  it("a palette is told beside the indices, never applied", async () => {
    const { data } = bits(2);
    const palette = Uint8Array.from({ length: 12 }, (_, i) => i * 20);
    const png = writePng(data, width, height, { depth: 2, colourType: 3, palette });
    expect((await open("a.png", png)).images[0]).toMatchObject({
      samplesPerPixel: 1,
      bitsPerSample: 2,
      display: { palette },
    });
    // TIFF's colours are 16 bits, all reds first.
    const colourMap = [0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 220].map((v) => v << 8);
    const tif = writeTiff([[bits(2), { packedBits: 2, photometric: 3, colourMap }]]);
    expect((await open("a.tif", tif)).images[0]!.display).toEqual({
      palette: Uint8Array.of(0, 80, 160, 20, 100, 180, 40, 120, 200, 60, 140, 220),
    });
  });

  it("TIFF: an orientation is told, not applied", async () => {
    const upright = (orientation: number) =>
      sharp(grey8, raw(1))
        .toColourspace("b-w")
        .withMetadata({ orientation })
        .tiff({ compression: "lzw" })
        .toBuffer();
    const { images } = await open("a.tif", new Uint8Array(await upright(8)));
    expect([images[0]!.width, images[0]!.height]).toEqual([width, height]);
    expect(images[0]!.warnings).toEqual([
      expect.stringMatching(/turned 90° to the left \(orientation 8\).*recorded/),
    ]);
    const { data, samplesPerPixel } = await images[0]!.readRegion(0, 0, 0, width, height);
    expect(Array.from(data.filter((_, i) => i % samplesPerPixel === 0))).toEqual(Array.from(grey8));
    expect((await open("b.tif", new Uint8Array(await upright(1)))).images[0]!.warnings).toEqual([]);
  });

  it("gzip around a file is taken off, and nothing may unpack to more than it can hold", async () => {
    const plain = writeMrc(noise("int16"), width, height, { mode: 1 });
    const { format, images } = await open("a.mrc.gz", new Uint8Array(gzipSync(plain)));
    expect([format, images[0]!.width]).toEqual(["MRC", width]);
    const bomb = new Uint8Array(deflateSync(new Uint8Array(1_000_000)));
    await expect(nodeCodecs.inflate(bomb, 1000)).rejects.toMatchObject({ code: "too-large" });
    await expect(
      nodeCodecs.unzstd(new Uint8Array(zstdCompressSync(new Uint8Array(1_000_000))), 1000),
    ).rejects.toMatchObject({ code: "too-large" });
    await expect(
      nodeCodecs.gunzip(new Uint8Array(gzipSync(new Uint8Array(1_000_000))), 1000),
    ).rejects.toMatchObject({ code: "too-large" });
    await expect(nodeCodecs.inflate(bomb.slice(0, 20), 2_000_000)).rejects.toMatchObject({
      code: "truncated",
    });
  });

  it("sharp is told to keep the depth: 16-bit grey stays 16 bit and one channel", async () => {
    const png = writePng(grey16, width, height, { depth: 16, colourType: 0 });
    const raster = await nodeCodecs.decodeImage(png, "png", { maxPixels: 1000 });
    expect([raster.sampleType, raster.samplesPerPixel]).toEqual(["uint16", 1]);
    expect(Array.from(raster.data)).toEqual(Array.from(grey16));
    await expect(nodeCodecs.decodeImage(png, "png", { maxPixels: 10 })).rejects.toMatchObject({
      code: "too-large",
    });
    await expect(
      nodeCodecs.decodeImage(jpegBytes.slice(0, 200), "jpeg", { maxPixels: 1000 }),
    ).rejects.toMatchObject({ code: "malformed" });
  });

  it("bytes that nobody knows are refused with what they look like; spectra with what they are", async () => {
    const refusal = (name: string, text: string) =>
      open(name, new TextEncoder().encode(text)).then(
        () => "opened",
        (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
      );
    expect(await refusal("notes", "Sample A\nsecond line")).toMatch(
      /^unknown-format: .*text that begins "Sample A"/,
    );
    expect(await refusal("x.bin", "\u0001\u0002abc")).toMatch(/^unknown-format: .*01 02 61 62 63/);
    expect(await refusal("a.msa", "#FORMAT      : EMSA/MAS Spectral Data File\n")).toMatch(
      /^not-a-picture: .*EMSA/,
    );
    expect(await refusal("empty.dm4", "")).toMatch(/^truncated/);
  });
});
