import type { Acquisition, InstrumentMode, SignalKind, Sourced } from "#core/micrograph/acquisition.ts";
import { type DmNode, dmNumber, dmText } from "./dm-tags.ts";

/** What DigitalMicrograph's image tags say of how the picture was taken; each value names its tag. */
export function dmAcquisition(tags: DmNode | undefined): Acquisition {
  const at = <Value>(path: readonly string[], value: Value | undefined): Sourced<Value> | undefined =>
    value === undefined ? undefined : { value, source: { kind: "tag", path: `ImageTags.${path.join(".")}` } };
  const number = (path: readonly string[], factor = 1, least = Number.NEGATIVE_INFINITY) => {
    const value = dmNumber(tags, ...path);
    return at(path, value === undefined || value <= least ? undefined : value * factor);
  };
  const text = (path: readonly string[]) => at(path, dmText(tags, ...path)?.trim() || undefined);
  const microscope = (name: string) => ["Microscope Info", name];

  const illumination = dmText(tags, ...microscope("Illumination Mode")) ?? "";
  const mode: InstrumentMode | undefined = /STEM/i.test(illumination)
    ? "STEM"
    : /TEM/i.test(illumination)
      ? "TEM"
      : undefined;
  const signalPath = ["DataBar", "Signal Name"];
  const isStem = mode === "STEM";

  const found = {
    mode: at(microscope("Illumination Mode"), mode),
    signal: at(signalPath, signalKind(dmText(tags, ...signalPath))),
    highTensionKv: number(microscope("Voltage"), 1e-3, 0),
    magnification: number(microscope("Indicated Magnification"), 1, 0),
    cameraLengthMm: isStem ? number(microscope("STEM Camera Length"), 1, 0) : undefined,
    stageAlphaDeg: number(["Microscope Info", "Stage Position", "Stage Alpha"]),
    stageBetaDeg: number(["Microscope Info", "Stage Position", "Stage Beta"]),
    probeCurrentNa: number(microscope("Probe Current (nA)"), 1, 0),
    dwellTimeUs: number(["DigiScan", "Sample Time"], 1, 0),
    exposureTimeS:
      number(["Acquisition", "Parameters", "High Level", "Exposure (s)"], 1, 0) ??
      number(["DataBar", "Exposure Time (s)"], 1, 0),
    detector: text(["Acquisition", "Device", "Name"]),
    instrument: text(microscope("Microscope")) ?? text(microscope("Name")),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Acquisition;
}

/** The signal a detector's label names, where it names one. */
export function signalKind(label: string | undefined): SignalKind | undefined {
  const names: readonly SignalKind[] = ["HAADF", "ADF", "BSE", "BF", "DF", "SE"];
  return label === undefined
    ? undefined
    : names.find((name) => new RegExp(`(^|[^A-Z])${name}([^A-Z]|$)`, "i").test(label));
}
