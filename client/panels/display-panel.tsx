import { Button, NativeSelect, NumberInput, SegmentedControl, Switch } from "@mantine/core";
import { useMemo, useState } from "react";
import { type ColourMap, type Display, shownSignal, useDisplayStore } from "#client/state/display-store.ts";
import { toast } from "#client/state/toast-store.ts";
import type { Signal } from "#core/protocol/api/shapes.ts";
import { type DisplayScope, useDisplayRegion, useScopeValues } from "./display-scope.ts";
import { Histogram } from "./histogram.tsx";
import styles from "./panel.module.css";
import { histogramOf, percentileWindow, windowOfValues } from "./percentile-window.ts";
import { useWorkspace } from "./workspace-context.ts";

/** Per cent cut off at either end by the automatic window; the first is what the server begins with. */
const cutOffs = [0.35, 0, 0.1, 1, 2, 5] as const;
const colourMaps: readonly ColourMap[] = ["grey", "viridis", "cividis", "inferno", "fire"];

/** How recorded values become grey on this screen; nothing of it is stored or shared, and no number depends on it. */
export function DisplayPanel() {
  const { micrograph } = useWorkspace();
  const { display: chosen, setDisplay, signal: signalId, setSignal, frame, setFrame } = useDisplayStore();
  const signal = shownSignal(micrograph, signalId);
  if (!signal) return <p className={styles.empty}>This micrograph has no picture to show yet.</p>;
  const display = chosen ?? defaultDisplay(signal);
  const { min, max } = signal.range;
  const change = (fields: Partial<Display>) => setDisplay({ ...display, ...fields });
  const colour = signal.samplesPerPixel > 1;
  return (
    <div className={styles.panel}>
      {micrograph.signals.length > 1 && (
        <NativeSelect
          label="Signal"
          value={signal.id}
          onChange={(event) => setSignal(event.currentTarget.value)}
          data={micrograph.signals.map(({ id, title }) => ({ value: id, label: title }))}
        />
      )}
      {micrograph.frames > 1 && (
        <NumberInput
          label={`Frame, of ${micrograph.frames}`}
          min={1}
          max={micrograph.frames}
          allowDecimal={false}
          clampBehavior="strict"
          value={frame + 1}
          onChange={(value) => typeof value === "number" && setFrame(value - 1)}
        />
      )}
      {colour ? (
        <p className="dim small">A colour picture is shown as it was recorded.</p>
      ) : (
        <>
          <WindowFields signal={signal} display={display} change={change} />
          <label className={styles.field}>
            <span>
              Gamma <b className="numbers">{display.gamma.toFixed(2)}</b>
            </span>
            <input
              type="range"
              min={-1}
              max={1}
              step={0.01}
              value={Math.log10(display.gamma) / Math.log10(4)}
              onChange={(event) => change({ gamma: 4 ** Number(event.currentTarget.value) })}
              onDoubleClick={() => change({ gamma: 1 })}
            />
          </label>
          <div className={styles.field}>
            <span>Colours</span>
            <SegmentedControl
              size="xs"
              fullWidth
              value={display.colourMap}
              onChange={(value) => change({ colourMap: value as ColourMap })}
              data={[...colourMaps]}
            />
          </div>
          <Switch
            label="Invert"
            checked={display.invert}
            onChange={(event) => change({ invert: event.currentTarget.checked })}
          />
          <div className={styles.row}>
            <Button size="compact-xs" variant="subtle" onClick={() => setDisplay(defaultDisplay(signal))}>
              Back to the default
            </Button>
          </div>
          <p className="dim small">
            Full depth, {signal.sampleType}; recorded values {roundTo(min, max - min)} to{" "}
            {roundTo(max, max - min)}. Only your screen changes.
          </p>
        </>
      )}
    </div>
  );
}

export function defaultDisplay(signal: Signal): Display {
  return {
    low: signal.window.low,
    high: signal.window.high,
    gamma: 1,
    invert: signal.invert,
    colourMap: "grey",
  };
}

/** Four digits of the range are enough to type with. */
function roundTo(value: number, span: number): number {
  const decimals = Math.max(0, 3 - Math.floor(Math.log10(span || 1)));
  return Number(value.toFixed(Math.min(12, decimals)));
}

/** The window: dragged in the histogram, typed, or by the percentiles of the image, of what is seen, or of a region. */
function WindowFields(props: {
  readonly signal: Signal;
  readonly display: Display;
  readonly change: (fields: Partial<Display>) => void;
}) {
  const { signal, display, change } = props;
  const [wanted, setWanted] = useState<DisplayScope>("image");
  const [cutOffPercent, setCutOff] = useState<number>(cutOffs[0]);
  const region = useDisplayRegion();
  const scope = wanted === "region" && !region ? "image" : wanted;
  const part = useScopeValues(scope, region);
  const ofPart = useMemo(() => part && histogramOf(part.values), [part]);
  const whole = { counts: signal.histogram, ...signal.range };
  const shown = ofPart ?? whole;
  const span = signal.range.max - signal.range.min;
  const auto = (fraction: number) => {
    const found =
      scope === "image" ? percentileWindow(whole, fraction) : part && windowOfValues(part.values, fraction);
    if (found) change(found);
    else if (scope === "image") toast("No pixel of this picture holds a number.", "warning");
    else toast("No values of this part are here yet. Zoom in a little or try again.", "warning");
  };
  const from = scope === "region" ? region!.words : scope === "view" ? "what is seen" : "the whole image";
  return (
    <>
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label="Histogram of"
        value={scope}
        onChange={(value) => setWanted(value as DisplayScope)}
        data={[
          { value: "image", label: "Image" },
          { value: "view", label: "View" },
          { value: "region", label: "Region", disabled: !region },
        ]}
      />
      <Histogram
        counts={shown.counts}
        min={shown.min}
        max={shown.max}
        low={display.low}
        high={display.high}
        change={(low, high) => change({ low, high })}
      />
      <p className="dim small" data-testid="histogram-of">
        {part && !part.exact && "~ "}Histogram of {from}
        {scope !== "image" && !part && " …"}
        {!region && ". Select a region, or open the Live FFT, for its own."}
      </p>
      <div className={styles.pair}>
        <NumberInput
          label="Black at"
          hideControls
          value={roundTo(display.low, span)}
          onChange={(value) => typeof value === "number" && value < display.high && change({ low: value })}
        />
        <NumberInput
          label="White at"
          hideControls
          value={roundTo(display.high, span)}
          onChange={(value) => typeof value === "number" && value > display.low && change({ high: value })}
        />
      </div>
      <div className={styles.row}>
        <Button size="compact-xs" variant="default" onClick={() => auto(cutOffPercent / 100)}>
          Auto
        </Button>
        <NativeSelect
          size="xs"
          aria-label="Cut off at either end"
          value={String(cutOffPercent)}
          onChange={(event) => setCutOff(Number(event.currentTarget.value))}
          data={cutOffs.map((percent) => ({ value: String(percent), label: `cuts ${percent} % off` }))}
        />
        <Button size="compact-xs" variant="default" onClick={() => auto(0)}>
          Full range
        </Button>
      </div>
    </>
  );
}
