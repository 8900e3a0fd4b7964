/** One state of the in-situ series. `filmNm`: Sb thickness; `sodiation` 0 (Sb) … 1 (Na₃Sb); `gapNm`: amplitude of the opening. */
export interface SyntheticState {
  readonly id: string;
  readonly label: string;
  readonly filmNm: number;
  readonly sodiation: number;
  readonly gapNm: number;
  readonly roughnessNm: number;
  /** The EDX beam has scanned a box of the lower film. */
  readonly damaged: boolean;
  /** Elapsed time of the reaction; null where it is not defined. */
  readonly elapsedS: number | null;
}

/** An Sb film on a TiN-coated Ge nanowire through sodiation and back: it swells, comes off, and does not close again. */
export const syntheticStates: readonly SyntheticState[] = [
  state("as-synthesised", "as-synthesised", 17, 0, 0, 1, 0),
  state("sodiated-07min", "7 min", 22, 0.25, 0, 1.2, 420),
  state("sodiated-15min", "15 min", 29, 0.55, 0, 1.6, 900),
  state("sodiated-30min", "30 min", 36, 0.8, 0.4, 2, 1800),
  state("fully-sodiated", "fully sodiated", 40, 1, 0.8, 2.4, null),
  { ...state("after-edx", "fully sodiated, after EDX", 40, 1, 0.8, 2.4, null), damaged: true },
  state("desodiated", "desodiated", 23, 0.1, 9, 2.2, null),
];

function state(
  id: string,
  label: string,
  filmNm: number,
  sodiation: number,
  gapNm: number,
  roughnessNm: number,
  elapsedS: number | null,
): SyntheticState {
  return { id, label, filmNm, sodiation, gapNm, roughnessNm, damaged: false, elapsedS };
}
