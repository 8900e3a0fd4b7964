import { ActionIcon, Button, NativeSelect, NumberInput, Switch } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { regionAbout, useFourierStore } from "#client/state/fourier-store.ts";
import { toast } from "#client/state/toast-store.ts";
import { useToolStore } from "#client/state/tool-store.ts";
import { type PowerSpectrum, spectrumSides } from "#core/measurement/fourier-spectrum.ts";
import {
  angleBetween,
  type LatticeSpacing,
  latticeSpacing,
  locateSpot,
  type SpectrumSpot,
  strongestSpots,
} from "#core/measurement/fourier-spot.ts";
import { lengthScale } from "#core/measurement/length-scale.ts";
import { MeasurementError } from "#core/measurement/measurement-error.ts";
import { formatQuantity } from "#core/units/quantity.ts";
import { FloatingPanel } from "./floating-panel.tsx";
import { FourierCanvas } from "./fourier-canvas.tsx";
import styles from "./fourier-panel.module.css";
import { useLiveSpectrum } from "./fourier-spectrum.ts";
import { useRight, useWorkspace } from "./workspace-context.ts";

const LatticeDialog = lazyPart(() => import("./calibration-lattice-dialog.tsx"));

const zooms = [1, 2, 4, 8] as const;
const mostSpots = 6;

/** The Fourier transform of the square on the picture, live; spots give spacings, known spacings give the pixel size. */
export default function FourierPanel() {
  const { micrograph } = useWorkspace();
  const annotate = useRight("annotate");
  const { region, window, spots: places, setWindow, setSpots, setOpen } = useFourierStore();
  const live = useLiveSpectrum();
  const [zoom, setZoom] = useState<(typeof zooms)[number]>(2);
  const [calibrating, setCalibrating] = useState(false);
  const scale = useMemo(() => lengthScale(micrograph.calibration), [micrograph.calibration]);
  const { spectrum } = live;
  const spots = useMemo(() => places.map((place) => spectrum && spotAt(spectrum, place)), [spectrum, places]);
  const point = (at: { readonly x: number; readonly y: number }) => {
    if (!spectrum) return;
    try {
      const { x, y } = locateSpot(spectrum, at);
      const same = 3 / spectrum.side;
      if (places.some((p) => Math.min(Math.hypot(p.x - x, p.y - y), Math.hypot(p.x + x, p.y + y)) < same))
        return;
      if (places.length >= mostSpots)
        return toast(`${mostSpots} spots at most: take one away first.`, "plain");
      setSpots([...places, { x, y }]);
    } catch (error) {
      if (!(error instanceof MeasurementError)) throw error;
      toast(error.message, "warning");
    }
  };
  const findSpots = () => {
    if (!spectrum) return;
    const found = strongestSpots(spectrum, mostSpots);
    if (found.length === 0) toast("No spot of this spectrum stands out from the noise around it.", "plain");
    else setSpots(found.map(({ x, y }) => ({ x, y })));
  };
  const close = () => {
    setOpen(false);
    if (useToolStore.getState().tool === "fourier") {
      useToolStore.getState().setTool(annotate.allowed ? "select" : "pan");
    }
  };
  const known = spots.flatMap((spot, i) => (spot ? [{ spot, number: i + 1 }] : []));
  const note = region ? `${region.side} × ${region.side} px${live.busy ? " …" : ""}` : "";
  return (
    <FloatingPanel title="Live FFT" note={note} widthPx={404} corner="right" close={close}>
      <div style={{ position: "relative", alignSelf: "center" }}>
        <FourierCanvas live={live} zoom={zoom} spots={spots} scale={scale} point={point} />
        <fieldset className={styles.zoom} aria-label="Magnification of the spectrum">
          {zooms.map((factor) => (
            <button key={factor} type="button" aria-pressed={zoom === factor} onClick={() => setZoom(factor)}>
              {factor}×
            </button>
          ))}
        </fieldset>
      </div>
      {spectrum && spectrum.finiteShare < 1 && (
        <p className="dim small" style={{ margin: 0 }}>
          {((1 - spectrum.finiteShare) * 100).toPrecision(2)} % of the square holds no number: the mean stands
          there.
        </p>
      )}
      {places.length === 0 ? (
        <p className="dim small" style={{ margin: 0 }}>
          Click a spot: its spacing d = 1/g appears here. Drag the square on the picture with the Live FFT
          tool (U).
        </p>
      ) : (
        <SpotTable
          places={places}
          spots={spots}
          spacings={spots.map((spot) => spot && latticeSpacing(spot, scale))}
          remove={(i) => setSpots(places.filter((_, j) => j !== i))}
        />
      )}
      <div className={styles.bar}>
        <Button size="compact-xs" variant="default" disabled={!spectrum} onClick={findSpots}>
          Find spots
        </Button>
        {annotate.allowed && (
          <Button
            size="compact-xs"
            variant="default"
            disabled={known.length === 0}
            title="Say which spacing a spot has: the pixel size follows"
            onClick={() => setCalibrating(true)}
          >
            Calibrate …
          </Button>
        )}
        <Switch
          size="xs"
          label="Hann window"
          checked={window === "hann"}
          onChange={(event) => setWindow(event.currentTarget.checked ? "hann" : "none")}
        />
      </div>
      <RegionFields />
      {calibrating && (
        <LatticeDialog
          domain="image"
          found={known.map(({ spot, number }) => ({ label: `FFT spot ${number}`, ...spot }))}
          close={() => setCalibrating(false)}
        />
      )}
    </FloatingPanel>
  );
}

/** The spot at a place of the spectrum before; null where it is gone. */
function spotAt(
  spectrum: PowerSpectrum,
  place: { readonly x: number; readonly y: number },
): SpectrumSpot | null {
  try {
    return locateSpot(spectrum, place);
  } catch (error) {
    if (error instanceof MeasurementError) return null;
    throw error;
  }
}

function SpotTable(props: {
  readonly places: readonly { readonly x: number; readonly y: number }[];
  readonly spots: readonly (SpectrumSpot | null)[];
  readonly spacings: readonly (LatticeSpacing | null)[];
  readonly remove: (index: number) => void;
}) {
  const { places, spots, spacings, remove } = props;
  const [first] = spacings;
  return (
    <table className={`${styles.spots} numbers`}>
      <thead>
        <tr>
          <th>Spot</th>
          <th title="d = 1/g, ± standard uncertainty (k = 1) with that of the calibration">d</th>
          <th title="Direction of g against the picture's x axis, anticlockwise">Direction</th>
          <th title="Angle to the first spot">To 1</th>
          <th />
        </tr>
      </thead>
      <tbody>
        {spacings.map((spacing, i) => (
          <tr key={`${places[i]!.x} ${places[i]!.y}`} data-testid="fourier-spot">
            <td>
              <span className={styles.number}>{i + 1}</span>
            </td>
            {spacing ? (
              <>
                <td data-value={spacing.spacing} data-u={spacing.u}>
                  {formatQuantity({ value: spacing.spacing, u: spacing.u, unit: spacing.unit })}
                </td>
                <td>{angleWords(spacing.angleDeg, spacing.uAngleDeg)}</td>
                <td>{i > 0 && first ? betweenWords(first, spacing) : ""}</td>
              </>
            ) : (
              <td colSpan={3} className="dim">
                {spots[i] === null ? "no spot here" : "…"}
              </td>
            )}
            <td>
              <ActionIcon size="xs" aria-label={`Take away spot ${i + 1}`} onClick={() => remove(i)}>
                <IconX size={13} />
              </ActionIcon>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function angleWords(value: number, u: number): string {
  return formatQuantity({ value, u, unit: "°" });
}

function betweenWords(a: LatticeSpacing, b: LatticeSpacing): string {
  const { deg, uDeg } = angleBetween(a, b);
  return angleWords(deg, uDeg);
}

/** Side and place of the square by number: everything the hand does, without one. */
function RegionFields() {
  const { micrograph } = useWorkspace();
  const { region, setRegion } = useFourierStore();
  if (!region) return null;
  const about = (x: number, y: number, side: number) =>
    setRegion(regionAbout({ x: x + side / 2, y: y + side / 2 }, side, micrograph));
  const fitting = spectrumSides.filter((side) => side <= Math.min(micrograph.width, micrograph.height));
  return (
    <div className={styles.place}>
      <NativeSelect
        size="xs"
        label="Side, px"
        value={String(region.side)}
        data={fitting.map(String)}
        onChange={(event) => {
          const side = Number(event.currentTarget.value);
          const half = (region.side - side) / 2;
          about(region.x + half, region.y + half, side);
        }}
      />
      {(["x", "y"] as const).map((axis) => (
        <NumberInput
          key={axis}
          size="xs"
          label={`Corner ${axis}, px`}
          min={0}
          max={(axis === "x" ? micrograph.width : micrograph.height) - region.side}
          allowDecimal={false}
          value={region[axis]}
          onChange={(value) =>
            typeof value === "number" &&
            about(axis === "x" ? value : region.x, axis === "y" ? value : region.y, region.side)
          }
        />
      ))}
    </div>
  );
}
