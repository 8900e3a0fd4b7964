import type { Acquisition, InstrumentMode, Sourced } from "#core/micrograph/acquisition.ts";
import { signalKind } from "./dm-acquisition.ts";
import { asGroup, type JsonGroup, jsonAt, jsonNumber, jsonText } from "./json-tree.ts";

const degrees = 180 / Math.PI;

/** What Velox' metadata say of how the picture was taken; each value names its path. Velox writes SI units and radians. */
export function veloxAcquisition(metadata: JsonGroup | undefined): Acquisition {
  const sourced = <Value>(path: readonly string[], value: Value | undefined): Sourced<Value> | undefined =>
    value === undefined ? undefined : { value, source: { kind: "tag", path: path.join(".") } };
  const number = (path: readonly string[], factor = 1) => {
    const value = jsonNumber(metadata, ...path);
    return sourced(path, value === undefined ? undefined : value * factor);
  };
  const positive = (path: readonly string[], factor = 1) => {
    const found = number(path, factor);
    return found && found.value > 0 ? found : undefined;
  };
  const text = (path: readonly string[]) => sourced(path, jsonText(metadata, ...path));

  const name = jsonText(metadata, "BinaryResult", "Detector");
  const detectors = asGroup(jsonAt(metadata, "Detectors"));
  const key = Object.keys(detectors ?? {}).find((k) => jsonText(detectors, k, "DetectorName") === name);
  const detector = (...path: readonly string[]) => ["Detectors", key ?? "", ...path];
  const type = key && jsonText(metadata, ...detector("DetectorType"));
  const modes: Readonly<Record<string, InstrumentMode>> = {
    ScanningDetector: "STEM",
    ImagingDetector: "TEM",
  };
  const mode = type ? modes[type] : undefined;
  const isStem = mode === "STEM";
  const isTem = mode === "TEM";
  const angles = (end: string) =>
    (jsonNumber(metadata, ...detector("CollectionAngleRange", "end")) ?? 0) > 0
      ? number(detector("CollectionAngleRange", end), 1e3)
      : undefined;
  const startedS = jsonNumber(metadata, "Acquisition", "AcquisitionStartDatetime", "DateTime");
  const startPath = ["Acquisition", "AcquisitionStartDatetime", "DateTime"];

  const found = {
    mode: sourced(detector("DetectorType"), mode),
    signal: isStem ? sourced(["BinaryResult", "Detector"], signalKind(name)) : undefined,
    highTensionKv: positive(["Optics", "AccelerationVoltage"], 1e-3),
    magnification: isStem
      ? positive(["CustomProperties", "StemMagnification", "value"])
      : positive(["Optics", "NominalMagnification"]),
    cameraLengthMm: isStem ? positive(["Optics", "CameraLength"], 1e3) : undefined,
    defocusNm: isTem ? number(["Optics", "Defocus"], 1e9) : undefined,
    stageAlphaDeg: number(["Stage", "AlphaTilt"], degrees),
    stageBetaDeg: number(["Stage", "BetaTilt"], degrees),
    dwellTimeUs: isStem ? positive(["Scan", "DwellTime"], 1e6) : undefined,
    exposureTimeS: isTem ? positive(detector("ExposureTime")) : undefined,
    collectionInnerMrad: isStem ? angles("begin") : undefined,
    collectionOuterMrad: isStem ? angles("end") : undefined,
    binning: isTem ? positive(detector("Binning", "width")) : undefined,
    detector: text(["BinaryResult", "Detector"]),
    instrument: text(["Instrument", "InstrumentModel"]),
    acquiredAt: sourced(
      startPath,
      startedS && startedS > 0 && startedS < 1e11 ? new Date(startedS * 1000).toISOString() : undefined,
    ),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Acquisition;
}
