import { z } from "zod";

export const versions = { Initial: 1 } as const;
export const version = versions.Initial;

const source = z.union([
  z.object({ kind: z.literal("tag"), path: z.string() }),
  z.object({ kind: z.literal("person"), principalId: z.string() }),
]);
const sourced = <Value extends z.ZodType>(value: Value) => z.object({ value, source }).optional();
const number = sourced(z.number());
const text = sourced(z.string());

/** How a picture was taken: every value with its unit in its name and its source beside it. Unknown values are absent. */
export const validator = z.object({
  mode: sourced(z.enum(["TEM", "STEM", "SEM", "FIB"])),
  signal: sourced(z.enum(["BF", "DF", "ADF", "HAADF", "SE", "BSE", "SAED", "CBED", "element-map", "other"])),
  highTensionKv: number,
  magnification: number,
  cameraLengthMm: number,
  defocusNm: number,
  stageAlphaDeg: number,
  stageBetaDeg: number,
  probeCurrentNa: number,
  dwellTimeUs: number,
  exposureTimeS: number,
  framesSummed: number,
  collectionInnerMrad: number,
  collectionOuterMrad: number,
  binning: number,
  detector: text,
  instrument: text,
  acquiredAt: text,
});

export type AcquisitionRecord = z.infer<typeof validator>;
