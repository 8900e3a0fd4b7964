import { create } from "zustand";
import {
  type GapMethod,
  type InterfaceNumbers,
  type InterfaceReport,
  interfaceReport,
} from "#core/analysis/interface-report.ts";
import { type MeasurementRow, measureAnnotations } from "#core/analysis/measure-annotations.ts";
import { resamplingSeed } from "#core/analysis/resampling-seed.ts";
import { pairTraces, type TracePair } from "#core/analysis/trace-pairs.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { Annotation } from "#core/schema/annotation.ts";

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
  /** False while marks that have just come are still being measured. */
  readonly isWhole: boolean;
  setMethod(method: GapMethod): void;
  setThresholdNm(thresholdNm: number | null): void;
}

export const useGapStore = create<GapState>()((set) => ({
  method: "normal",
  thresholdNm: null,
  gaps: [],
  rows: [],
  isWhole: true,
  setMethod: (method) => set({ method }),
  setThresholdNm: (thresholdNm) => set({ thresholdNm }),
}));

export interface GapSettings {
  readonly method: GapMethod;
  readonly thresholdNm: number | null;
  readonly calibration: Calibration;
}

/** What is measured first where not all can be, and how long it may go on. */
export interface MeasuringTurn {
  readonly first: ReadonlySet<string>;
  readonly mayGoOn: () => boolean;
}

const allAtOnce: MeasuringTurn = { first: new Set(), mayGoOn: () => true };

/**
 * Every number of the marks given, reusing what was computed before from marks that are still the same objects: while one
 * trace is dragged among hundreds of marks, one interface is measured anew. Interfaces are always all measured; of
 * thousands of marks that are new at once, as many as the turn allows: the others are left out until the next one.
 */
export function createMeasurer() {
  let settings: GapSettings | null = null;
  let gaps = new Map<string, { readonly marks: readonly Annotation[]; readonly gap: LiveGap }>();
  let rows = new WeakMap<Annotation, readonly MeasurementRow[]>();

  return (annotations: readonly Annotation[], wanted: GapSettings, turn = allAtOnce) => {
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

    const measureRows = (annotation: Annotation) => {
      if (!rows.has(annotation))
        rows.set(annotation, measureAnnotations([annotation], wanted.calibration, { seed: resamplingSeed }));
    };
    if (turn.first.size > 0) for (const one of annotations) if (turn.first.has(one.id)) measureRows(one);
    let isWhole = true;
    for (const annotation of annotations) {
      if (rows.has(annotation)) continue;
      isWhole = turn.mayGoOn();
      if (!isWhole) break;
      measureRows(annotation);
    }
    return {
      gaps: [...measured.values()].map(({ gap }) => gap),
      rows: annotations.flatMap((annotation) => rows.get(annotation) ?? []),
      isWhole,
    };
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
