/** A recorded value and who says so: the tag it was read from, or the person who typed it. Unknown values are absent. */
export interface Sourced<Value> {
  readonly value: Value;
  readonly source:
    | { readonly kind: "tag"; readonly path: string }
    | { readonly kind: "person"; readonly principalId: string };
}

export type InstrumentMode = "TEM" | "STEM" | "SEM" | "FIB";
export type SignalKind =
  | "BF"
  | "DF"
  | "ADF"
  | "HAADF"
  | "SE"
  | "BSE"
  | "SAED"
  | "CBED"
  | "element-map"
  | "other";

/** How the picture was taken. Every field is optional, named with its unit, and carries its source. */
export interface Acquisition {
  readonly mode?: Sourced<InstrumentMode>;
  readonly signal?: Sourced<SignalKind>;
  readonly highTensionKv?: Sourced<number>;
  readonly magnification?: Sourced<number>;
  readonly cameraLengthMm?: Sourced<number>;
  readonly defocusNm?: Sourced<number>;
  readonly stageAlphaDeg?: Sourced<number>;
  readonly stageBetaDeg?: Sourced<number>;
  readonly probeCurrentNa?: Sourced<number>;
  readonly dwellTimeUs?: Sourced<number>;
  readonly exposureTimeS?: Sourced<number>;
  readonly framesSummed?: Sourced<number>;
  readonly collectionInnerMrad?: Sourced<number>;
  readonly collectionOuterMrad?: Sourced<number>;
  readonly binning?: Sourced<number>;
  readonly detector?: Sourced<string>;
  readonly instrument?: Sourced<string>;
  /** ISO 8601; with its offset where the file knows the zone. */
  readonly acquiredAt?: Sourced<string>;
}
