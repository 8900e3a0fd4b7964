import type { MeasurementWarning } from "#core/measurement/warnings.ts";
import type { InterfaceNumbers, InterfaceReport } from "./interface-report.ts";
import type { MeasurementRow, QuantityName } from "./measurement-row.ts";
import type { TracePair } from "./trace-pairs.ts";

/** The rows of one interface: gap, its spread, lengths and delamination; or one row with the refusal. */
export function interfaceRows(pair: TracePair, report: InterfaceReport): MeasurementRow[] {
  const { substrate, film, gap } = pair;
  const identity = {
    annotationIds: [...(gap ? [gap.id] : []), substrate.id, ...film.map(({ id }) => id)],
    objectId: gap?.objectId ?? substrate.objectId,
    interfaceId: gap?.interfaceId ?? substrate.interfaceId,
    classId: gap?.classId ?? substrate.classId,
    k: 1 as const,
  };
  if (!report.ok) {
    return [
      {
        ...identity,
        quantity: "gap_mean",
        value: null,
        unit: "",
        u: null,
        n: null,
        nEff: null,
        interval: null,
        method: "refused",
        parameters: {},
        inputsHash: "",
        warnings: [report.code],
        refusal: report.message,
      },
    ];
  }
  const shared = {
    ...identity,
    n: report.n,
    nEff: report.nEff,
    method: report.method === "normal" ? "gap along the substrate's normal" : "symmetric nearest distance",
    parameters: report.parameters,
    inputsHash: report.inputsHash,
    warnings: report.warnings,
    refusal: null,
  };
  return numbersOf(report).map(({ quantity, value, unit, u = null, interval = null, method, warning }) => ({
    ...shared,
    quantity,
    value,
    unit,
    u,
    interval,
    method: method ?? shared.method,
    warnings: warning ? [...report.warnings, warning] : report.warnings,
  }));
}

interface NumberOfReport {
  readonly quantity: QuantityName;
  readonly value: number | null;
  readonly unit: string;
  readonly u?: number | null;
  readonly interval?: MeasurementRow["interval"];
  readonly method?: string;
  readonly warning?: MeasurementWarning;
}

function numbersOf(report: InterfaceNumbers): NumberOfReport[] {
  const { unit, statistics: s, delamination, means } = report;
  const inUnit = (quantity: QuantityName, value: number | null): NumberOfReport => ({
    quantity,
    value,
    unit,
  });
  const { interval: fraction } = delamination;
  const numbers: readonly NumberOfReport[] = [
    // By the method asked for: the symmetric nearest mean is over both curves, its spread along the substrate.
    {
      ...inUnit("gap_mean", report.method === "normal" ? s.mean : means.nearest),
      u: report.u,
      interval: report.method === "normal" ? report.interval : null,
    },
    { ...inUnit("gap_mean_normal", means.normal), method: "gap along the substrate's normal" },
    { ...inUnit("gap_mean_nearest", means.nearest), method: "symmetric nearest distance" },
    inUnit("gap_median", s.median),
    inUnit("gap_sd", s.sd),
    inUnit("gap_min", s.min),
    inUnit("gap_max", s.max),
    inUnit("gap_p5", s.p5),
    inUnit("gap_p25", s.p25),
    inUnit("gap_p75", s.p75),
    inUnit("gap_p95", s.p95),
    { quantity: "gap_area", value: report.gapArea.value, unit: `${unit}²`, u: report.gapArea.u },
    inUnit("interface_length", report.length),
    inUnit("matched_length", report.matchedLength),
    inUnit("unmatched_length", report.unmatchedLength),
    inUnit("contact_length", report.contactLength),
    inUnit("overlap_length", report.overlapLength),
    inUnit("delaminated_length", delamination.length),
    {
      quantity: "delaminated_fraction",
      value: delamination.fraction,
      unit: "1",
      // Half the 95 % interval over 1.96: approximate, as the interval is.
      u: fraction && (fraction.high - fraction.low) / (2 * 1.96),
      interval: fraction,
      ...(fraction ? { warning: "interval-is-approximate" as const } : {}),
    },
    { quantity: "delaminated_runs", value: delamination.runs.length, unit: "1" },
    inUnit("delaminated_longest_run", delamination.longest),
  ];
  return numbers.filter(({ value }) => value !== null);
}
