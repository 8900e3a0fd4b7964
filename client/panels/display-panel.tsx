import { Button, NativeSelect, NumberInput, SegmentedControl, Switch } from "@mantine/core";
import { type ColourMap, type Display, useDisplayStore } from "#client/state/display-store.ts";
import { toast } from "#client/state/toast-store.ts";
import type { MicrographViewer } from "#client/viewer/micrograph-viewer.ts";
import { imagePoint } from "#core/geometry/point.ts";
import type { Signal } from "#core/protocol/api/shapes.ts";
import { Histogram } from "./histogram.tsx";
import styles from "./panel.module.css";
import { percentileWindow, windowOfValues } from "./percentile-window.ts";
import { useWorkspace } from "./workspace-context.ts";

const cutOff = 0.0035;
const colourMaps: readonly ColourMap[] = ["grey", "viridis", "cividis", "inferno", "fire"];

/** How recorded values become grey on this screen; nothing of it is stored or shared, and no number depends on it. */
export function DisplayPanel() {
  const { micrograph, viewer } = useWorkspace();
  const { display: chosen, setDisplay, signal: signalId, setSignal, frame, setFrame } = useDisplayStore();
  const signal = micrograph.signals.find(({ id }) => id === signalId) ?? micrograph.signals[0];
  if (!signal) return <p className={styles.empty}>This micrograph has no picture to show yet.</p>;
  const display = chosen ?? defaultDisplay(signal);
  const { min, max } = signal.range;
  const change = (fields: Partial<Display>) => setDisplay({ ...display, ...fields });
  const auto = () => {
    const found = percentileWindow(signal.histogram, min, max, cutOff);
    if (found) change(found);
  };
  const autoView = () => {
    const found = viewer && windowOfValues(valuesInView(viewer, micrograph), cutOff);
    if (found) change(found);
    else toast("The values of this view are not loaded yet. Zoom in a little or try again.", "warning");
  };
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
          <Histogram
            counts={signal.histogram}
            min={min}
            max={max}
            low={display.low}
            high={display.high}
            change={(low, high) => change({ low, high })}
          />
          <div className={styles.pair}>
            <NumberInput
              label="Black at"
              hideControls
              value={roundTo(display.low, max - min)}
              onChange={(value) =>
                typeof value === "number" && value < display.high && change({ low: value })
              }
            />
            <NumberInput
              label="White at"
              hideControls
              value={roundTo(display.high, max - min)}
              onChange={(value) =>
                typeof value === "number" && value > display.low && change({ high: value })
              }
            />
          </div>
          <div className={styles.row}>
            <span className="dim small">Auto</span>
            <Button size="compact-xs" variant="default" onClick={auto}>
              Image
            </Button>
            <Button size="compact-xs" variant="default" onClick={autoView}>
              View
            </Button>
            <Button size="compact-xs" variant="default" onClick={() => change({ low: min, high: max })}>
              Full range
            </Button>
          </div>
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

/** A grid of values over what is seen, as far as their tiles are there. */
function valuesInView(
  viewer: MicrographViewer,
  size: { readonly width: number; readonly height: number },
): number[] {
  const { corner, scale, widthPx, heightPx } = viewer.viewport();
  const x0 = Math.max(0, corner.x);
  const y0 = Math.max(0, corner.y);
  const x1 = Math.min(size.width, corner.x + widthPx / scale);
  const y1 = Math.min(size.height, corner.y + heightPx / scale);
  const values: number[] = [];
  const steps = 96;
  for (let j = 0; j < steps; j++) {
    for (let i = 0; i < steps; i++) {
      const value = viewer.intensityAt(
        imagePoint(x0 + ((i + 0.5) / steps) * (x1 - x0), y0 + ((j + 0.5) / steps) * (y1 - y0)),
      )?.value;
      if (value != null && Number.isFinite(value)) values.push(value);
    }
  }
  return values;
}
