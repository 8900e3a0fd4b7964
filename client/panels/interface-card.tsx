import { NumberInput, SegmentedControl } from "@mantine/core";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { type LiveGap, shownMean, useGapStore } from "#client/state/gap-store.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import type { GapMethod, InterfaceNumbers } from "#core/analysis/interface-report.ts";
import { warningSentences } from "#core/measurement/warnings.ts";
import { formatQuantity } from "#core/units/quantity.ts";
import styles from "./measurements-panel.module.css";
import panel from "./panel.module.css";
import { threeDigits } from "./readable-length.ts";

const GapPlot = lazyPart(() => import("./gap-plot.tsx"));

/** One interface: its mean gap, how sure that is, how it runs along the substrate, and how much of it has come off. */
export function InterfaceCard({ gap, title }: { readonly gap: LiveGap; readonly title: string }) {
  const { selected, select } = useSelectionStore();
  const { method, setMethod } = useGapStore();
  const ids = [gap.pair.substrate.id, ...gap.pair.film.map(({ id }) => id)];
  const { report } = gap;
  return (
    <section
      className={styles.card}
      data-gap={gap.key}
      data-selected={ids.some((id) => selected.includes(id))}
    >
      <header className={styles.head}>
        <button type="button" className="ellipsis" title={title} onClick={() => select(ids)}>
          {title}
        </button>
        <SegmentedControl
          size="xs"
          value={method}
          onChange={(value) => setMethod(value as GapMethod)}
          aria-label="Method"
          data={[
            { value: "normal", label: "Normal" },
            { value: "nearest", label: "Nearest" },
          ]}
        />
      </header>
      {report.ok ? (
        <Numbers id={gap.pair.substrate.interfaceId ?? gap.key} report={report} />
      ) : (
        <div className={panel.warning} role="alert">
          {report.message}
        </div>
      )}
    </section>
  );
}

function Numbers({ id, report }: { readonly id: string; readonly report: InterfaceNumbers }) {
  const { unit, statistics, interval, delamination } = report;
  // Said beside the number itself.
  const warnings = report.warnings.filter((warning) => warning !== "profile-too-short");
  const number = (value: number) => `${threeDigits(value)} ${unit}`;
  const rows: readonly { label: string; value: string; why?: string; wide?: boolean }[] = [
    { label: "Median", value: number(statistics.median) },
    { label: "Max", value: number(statistics.max) },
    { label: "SD", value: number(statistics.sd) },
    {
      label: "n eff",
      value: threeDigits(report.nEff),
      why: `Of ${report.n} stations, as many count as independent`,
    },
    { label: "P5 – P95", value: `${threeDigits(statistics.p5)} – ${number(statistics.p95)}`, wide: true },
    {
      label: "Length measured",
      value: `${threeDigits(report.matchedLength)} of ${number(report.length)}`,
      why: "Where a film faces the substrate, of what was drawn",
      wide: true,
    },
  ];
  return (
    <>
      <div className={`${styles.mean} numbers`} data-quantity="gap-mean">
        {formatQuantity({ value: shownMean(report), u: report.u, unit })}
      </div>
      <p className={`${styles.basis} numbers`}>
        mean gap, k = 1
        {report.method === "normal" && !interval && " · interval not given: the profile is too short"}
        {interval && report.method === "normal" && (
          <>
            {" "}
            · {Math.round(interval.level * 100)} %: {threeDigits(interval.low)} … {threeDigits(interval.high)}{" "}
            {unit}
          </>
        )}
      </p>
      <div className={styles.plot}>
        <GapPlot id={id} report={report} />
      </div>
      <dl className={`${styles.numbers} numbers`}>
        {rows.map(({ label, value, why, wide }) => (
          <div key={label} title={why} className={wide ? styles.wide : undefined}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className={`${styles.fraction} numbers`}>
        <span title={fractionWords(delamination)}>
          <strong data-quantity="delaminated-fraction">{threeDigits(delamination.fraction * 100)} %</strong>{" "}
          <span className="dim">open wider than</span>
        </span>
        <Threshold report={report} />
      </div>
      {warnings.length > 0 && (
        <ul className={styles.warnings}>
          {warnings.map((warning) => (
            <li key={warning}>{warningSentences[warning]}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function Threshold({ report }: { readonly report: InterfaceNumbers }) {
  const { thresholdNm, setThresholdNm } = useGapStore();
  const { threshold } = report.delamination;
  return (
    <NumberInput
      className={styles.threshold ?? ""}
      size="xs"
      aria-label={`Threshold, ${report.unit}`}
      suffix={` ${report.unit}`}
      min={0}
      step={0.5}
      decimalScale={3}
      disabled={report.unit !== "nm"}
      value={thresholdNm ?? Number(threshold.toPrecision(3))}
      onChange={(value) => setThresholdNm(typeof value === "number" ? value : null)}
    />
  );
}

function fractionWords({ interval, runs, longest }: InterfaceNumbers["delamination"]): string {
  const range = interval
    ? `95 %: ${threeDigits(interval.low * 100)} … ${threeDigits(interval.high * 100)} % (approximate). `
    : "";
  return `${range}${runs.length} ${runs.length === 1 ? "stretch" : "stretches"}, the longest ${threeDigits(longest)}.`;
}
