import type { Acquisition } from "#core/micrograph/acquisition.ts";
import { type Calibration, calibrationFromFile } from "#core/micrograph/calibration.ts";
import { plainPixels } from "#core/micrograph/content.ts";
import { BinaryView } from "./binary-view.ts";
import type { ByteSource } from "./byte-source.ts";
import { readStoredRegion, requireBytes, requireGrid, requireRegion } from "./pixel-grid.ts";
import type { FormatReader, OpenedFile, ReaderContext, SourceImage } from "./reader.ts";

const signature = "IMGBLO";
const headerBytes = 64;
/** Before each pattern: a mark and its number. */
const patternHeaderBytes = 6;

/**
 * NanoMEGAS block files: a scan of diffraction patterns with the virtual bright-field picture made from them. The
 * picture is shown on the scan's grid; the patterns (4-D data) are listed beside it.
 * Source: the layout as HyperSpy's documentation of the format describes it.
 */
export const bloReader: FormatReader = {
  id: "BLO",
  extensions: ["blo"],
  sniff: (head) => [...signature].every((character, i) => head[i] === character.charCodeAt(0)),
  open: openBlo,
};

async function openBlo(source: ByteSource, context: ReaderContext): Promise<OpenedFile> {
  const view = new BinaryView(await source.read(0, headerBytes), true);
  view.seek(8);
  const [pictureAt, patternsAt] = [view.u32(), view.u32()];
  view.skip(4);
  const patternPx = view.u16();
  view.skip(2);
  const [width, height] = [view.u16(), view.u16()];
  view.skip(2);
  const [stepX, stepY] = [view.f64(), view.f64()];
  const beamEnergyV = view.u32();
  requireGrid(width, height, 1, context.limits);
  requireBytes(source, pictureAt + width * height, "The virtual bright field");
  const patternBytes = patternHeaderBytes + patternPx * patternPx;
  requireBytes(source, patternsAt + patternBytes * width * height, "The diffraction patterns");

  const image: SourceImage = {
    title: "Virtual bright field",
    kind: "image",
    width,
    height,
    frames: 1,
    sampleType: "uint8",
    samplesPerPixel: 1,
    calibration: stepCalibration(stepX, stepY),
    acquisition: acquisitionOf(beamEnergyV),
    flags: plainPixels,
    warnings: [],
    readRegion(frame, x, y, w, h) {
      return (async () => {
        requireRegion(image, frame, x, y, w, h);
        return readStoredRegion(
          {
            ...{ source, width, rowBytes: width, sampleType: "uint8", samplesPerPixel: 1 },
            ...{ littleEndian: true, frameOffset: () => pictureAt },
          },
          ...([frame, x, y, w, h] as const),
        );
      })();
    },
  };
  return {
    format: "BLO",
    images: [image],
    others: [
      { title: "Diffraction patterns", kind: "4-D data", shape: [height, width, patternPx, patternPx] },
    ],
    tags: { pictureAt, patternsAt, patternPx, width, height, stepX, stepY, beamEnergyV },
  };
}

function stepCalibration(stepX: number, stepY: number): Calibration {
  const known = stepX > 0 && stepY > 0 && Number.isFinite(stepX) && Number.isFinite(stepY);
  if (known) return calibrationFromFile(stepX, stepY, "nm", "BLO header: SX, SY");
  return { state: "uncalibrated", reason: `The header's scan step of ${stepX} × ${stepY} nm is no length` };
}

function acquisitionOf(beamEnergyV: number): Acquisition {
  const source = { kind: "tag", path: "BLO header" } as const;
  return {
    mode: { value: "STEM", source },
    signal: { value: "BF", source },
    ...(beamEnergyV > 0 ? { highTensionKv: { value: beamEnergyV / 1000, source } } : {}),
  };
}
