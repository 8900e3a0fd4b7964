import type { Calibration } from "#core/micrograph/calibration.ts";
import { calibrationFromAxes, calibrationFromSizes } from "./length-unit.ts";
import type { VendorTags } from "./tiff-vendor-tags.ts";

type Rule = (tags: VendorTags, width: number, height: number) => Calibration | undefined;

/**
 * Pixel size of a TIFF from the tags of whoever wrote it, the most specific first. Plain resolution tags (72 dpi) are a
 * printer's, never a calibration.
 */
export function tiffCalibration(tags: VendorTags, width: number, height: number): Calibration {
  let refused: Calibration | undefined;
  for (const rule of rules) {
    const calibration = rule(tags, width, height);
    if (calibration?.state === "calibrated") return calibration;
    refused ??= calibration;
  }
  return refused ?? { state: "uncalibrated", reason: "No vendor's tag gives a length per pixel" };
}

const ome: Rule = ({ ome: pixels }) => {
  if (!pixels?.PhysicalSizeX || !pixels.PhysicalSizeY) return undefined;
  const axis = (name: "X" | "Y") => ({
    scale: Number(pixels[`PhysicalSize${name}`]),
    unit: pixels[`PhysicalSize${name}Unit`] ?? "µm", // the schema's own default
  });
  return calibrationFromAxes(axis("X"), axis("Y"), "OME PhysicalSizeX");
};

const fei: Rule = ({ fei: sections }, width) => {
  if (!sections) return undefined;
  const metres = (section: string, name: string) => Number(sections[section]?.[name] || Number.NaN);
  const [x, y] = [metres("Scan", "PixelWidth"), metres("Scan", "PixelHeight")];
  if (x > 0 && y > 0) return calibrationFromSizes(x * 1e9, y * 1e9, "nm", "FEI [Scan] PixelWidth");
  // Cameras write no pixel size, but the field of the beam they stand for; a data bar below is not part of it.
  const beam = sections.Beam?.Beam ?? "";
  const columns = metres("Image", "ResolutionX") || width;
  const rows = metres("Image", "ResolutionY");
  const [fieldX, fieldY] = [metres(beam, "HFW"), metres(beam, "VFW")];
  if (!(fieldX > 0 && fieldY > 0 && rows > 0)) return undefined;
  return calibrationFromSizes((fieldX / columns) * 1e9, (fieldY / rows) * 1e9, "nm", `FEI [${beam}] HFW`);
};

/** Zeiss' head gives metres per pixel of a scan 1024 wide; the rounded "Image Pixel Size" must agree with it. */
const zeiss: Rule = ({ zeiss: block }, width) => {
  if (!block) return undefined;
  const exactNm = ((block.head[3] ?? Number.NaN) * 1e9 * 1024) / width;
  const said = /^([\d.eE+-]+)\s*(\S+)$/.exec(block.values["Image Pixel Size"] ?? "");
  const named = said && calibrationFromAxes(axisOf(said), axisOf(said), "Zeiss AP_IMAGE_PIXEL_SIZE");
  if (named?.state === "calibrated") {
    const agrees = Math.abs(exactNm / named.pixelSize.x - 1) < 0.01;
    return agrees ? calibrationFromSizes(exactNm, exactNm, "nm", "Zeiss tag 34118") : named;
  }
  return exactNm > 0 ? calibrationFromSizes(exactNm, exactNm, "nm", "Zeiss tag 34118") : undefined;
};

const axisOf = (match: RegExpExecArray) => ({ scale: Number(match[1]), unit: match[2]! });

/** TVIPS' mode 3 is diffraction, whose pixel size it does not give as a length. */
const tvips: Rule = ({ tvips: block }) => {
  if (!block) return undefined;
  if (block.temMode === 3)
    return { state: "uncalibrated", reason: "TVIPS gives no reciprocal length in diffraction mode" };
  return calibrationFromSizes(block.pixelSizeX, block.pixelSizeY, "nm", "TVIPS PixelSizeX");
};

const digitalMicrograph: Rule = ({ digitalMicrograph: block }) =>
  block &&
  calibrationFromAxes(
    { scale: block.scaleX, unit: block.unitX },
    { scale: block.scaleY, unit: block.unitY },
    "DigitalMicrograph tag 65009",
  );

const sis: Rule = ({ sis: block }) =>
  block &&
  calibrationFromSizes(block.pixelSizeXM * 1e9, block.pixelSizeYM * 1e9, "nm", "Olympus SIS tag 33560");

/** JEOL's resolution is that of the detector's plane: divided by the magnification it is the specimen's. */
const jeol: Rule = ({ jeol: system, resolution }) => {
  if (!system || !resolution) return undefined;
  const magnification = Number(system.SelectorValue);
  const unitNm = resolution.unit === 2 ? 2.54e7 : resolution.unit === 3 ? 1e7 : Number.NaN;
  if (system.SelectorUnitString !== "X" || !(magnification > 0))
    return { state: "uncalibrated", reason: "JEOL's tags give no magnification, as in diffraction" };
  const size = (pixels: number) => unitNm / pixels / magnification;
  return calibrationFromSizes(
    size(resolution.x),
    size(resolution.y),
    "nm",
    "JEOL SelectorValue and resolution",
  );
};

/** ImageJ's resolution is in pixels a unit, and the unit stands in its description. Inches are a printer's. */
const imageJ: Rule = ({ imageJ: values, resolution }) => {
  const unit = values?.unit ?? "";
  if (!values || !resolution || ["", "inch", "pixel", "pixels"].includes(unit)) return undefined;
  const axis = (pixels: number, own: string | undefined) => ({ scale: 1 / pixels, unit: own ?? unit });
  return calibrationFromAxes(
    axis(resolution.x, undefined),
    axis(resolution.y, values.yunit),
    "ImageJ unit and resolution",
  );
};

const rules: readonly Rule[] = [ome, fei, zeiss, tvips, digitalMicrograph, sis, jeol, imageJ];
