import { create } from "zustand";
import {
  type GapMethod,
  type InterfaceNumbers,
  type InterfaceReport,
  interfaceReport,
} from "#core/analysis/interface-report.ts";
import { type MeasurementRow, measureAnnotations } from "#core/analysis/measure-annotations.ts";
import { pairTraces, type TracePair } from "#core/analysis/trace-pairs.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { Annotation } from "#core/schema/annotation.ts";

/** Resampling is repeatable: the same marks give the same interval on every screen. */
export const resamplingSeed = 1;

export interface LiveGap {
  /** Its gap mark, interface and trace: stays the same while the traces move. */
  readonly key: string;
  readonly pair: TracePair;
  readonly report: InterfaceReport;
}

interface GapState {
  readonly method: GapMethod;
  /** null: the default of the report. */
  readonly thresholdNm: number | null;
  readonly gaps: readonly LiveGap[];
  /** Lengths and areas, one mark after the other. */
  readonly rows: readonly MeasurementRow[];
  setMethod(method: GapMethod): void;
  setThresholdNm(thresholdNm: number | null): void;
}

export const useGapStore = create<GapState>()((set) => ({
  method: "normal",
  thresholdNm: null,
  gaps: [],
  rows: [],
  setMethod: (method) => set({ method }),
  setThresholdNm: (thresholdNm) => set({ thresholdNm }),
}));

export interface GapSettings {
  readonly method: GapMethod;
  readonly thresholdNm: number | null;
  readonly calibration: Calibration;
}

/**
 * Every number of the marks given, reusing what was computed before from marks that are still the same objects: while one
 * trace is dragged among hundreds of marks, one interface is measured anew.
 */
export function createMeasurer() {
  let settings: GapSettings | null = null;
  let gaps = new Map<string, { readonly marks: readonly Annotation[]; readonly gap: LiveGap }>();
  let rows = new WeakMap<Annotation, readonly MeasurementRow[]>();

  return (annotations: readonly Annotation[], wanted: GapSettings) => {
    if (settings?.calibration !== wanted.calibration) {
      rows = new WeakMap();
      gaps = new Map();
    }
    if (settings?.method !== wanted.method || settings?.thresholdNm !== wanted.thresholdNm) gaps = new Map();
    settings = wanted;

    const measured: typeof gaps = new Map();
    for (const pair of pairTraces(annotations)) {
      const key = keyOf(pair);
      const marks = [pair.substrate, ...pair.film];
      const known = gaps.get(key);
      const same = known?.marks.length === marks.length && known.marks.every((mark, i) => mark === marks[i]);
      measured.set(key, same ? known : { marks, gap: { key, pair, report: reportOf(pair, wanted) } });
    }
    gaps = measured;

    const rowsOf = (annotation: Annotation) => {
      const known = rows.get(annotation);
      if (known) return known;
      const fresh = measureAnnotations([annotation], wanted.calibration, { seed: resamplingSeed });
      rows.set(annotation, fresh);
      return fresh;
    };
    return { gaps: [...measured.values()].map(({ gap }) => gap), rows: annotations.flatMap(rowsOf) };
  };
}

function reportOf(pair: TracePair, { method, thresholdNm, calibration }: GapSettings): InterfaceReport {
  return interfaceReport({
    substrate: lineOf(pair.substrate),
    film: pair.film.map(lineOf),
    calibration,
    options: { method, thresholdNm, seed: resamplingSeed },
  });
}

function lineOf({ outline }: Annotation) {
  return outline.rings.find(({ closed }) => !closed)?.vertices ?? [];
}

function keyOf({ gap, substrate }: TracePair): string {
  return gap ? gap.id : `${substrate.interfaceId} ${substrate.id}`;
}

/** The mean by the method asked for: the symmetric nearest mean is over both curves, its spread along the substrate. */
export function shownMean({ method, means, statistics }: InterfaceNumbers): number {
  return method === "nearest" && means.nearest !== null ? means.nearest : statistics.mean;
}

/** The station of a profile that lies nearest to an arc length; stations are equidistant. */
export function stationIndexAt(s: Float64Array, at: number): number {
  if (s.length < 2) return 0;
  const step = s[1]! - s[0]!;
  return Math.min(s.length - 1, Math.max(0, Math.round((at - s[0]!) / step)));
}
