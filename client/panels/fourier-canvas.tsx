import { type PointerEvent, useEffect, useRef } from "react";
import { type ColourMap, useDisplayStore } from "#client/state/display-store.ts";
import { inverseMap } from "#core/geometry/linear-map.ts";
import type { SpectrumSpot } from "#core/measurement/fourier-spot.ts";
import type { LengthScale } from "#core/measurement/length-scale.ts";
import styles from "./fourier-panel.module.css";
import { spectrumPixels } from "./fourier-picture.ts";
import type { LiveSpectrum } from "./fourier-spectrum.ts";

interface FourierCanvasProps {
  readonly live: LiveSpectrum;
  readonly zoom: number;
  readonly spots: readonly (SpectrumSpot | null)[];
  readonly scale: LengthScale;
  /** A place was pointed at, cycles a px. */
  readonly point: (at: { readonly x: number; readonly y: number }) => void;
}

const sidePx = 336;

/** The spectrum, its middle in the middle, with the spots pointed out and a bar in reciprocal length. */
export function FourierCanvas({ live, zoom, spots, scale, point }: FourierCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colourMap: ColourMap = useDisplayStore((state) => state.display?.colourMap ?? "grey");
  const { spectrum } = live;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !spectrum) return;
    const { side } = spectrum;
    const shown = side / zoom;
    context.canvas.width = shown;
    context.canvas.height = shown;
    context.putImageData(new ImageData(spectrumPixels(spectrum, zoom, colourMap), shown, shown), 0, 0);
  }, [spectrum, zoom, colourMap]);

  const press = (event: PointerEvent<HTMLDivElement>) => {
    if (!spectrum || (event.target as Element).closest("button")) return;
    const box = event.currentTarget.getBoundingClientRect();
    // The middle of the bin of zero frequency lies half a bin right of and below the middle of the picture.
    const frequency = (at: number, size: number) => (at / size - 0.5) / zoom - 0.5 / spectrum.side;
    point({
      x: frequency(event.clientX - box.left, box.width),
      y: frequency(event.clientY - box.top, box.height),
    });
  };
  const place = (frequency: number) => (0.5 + zoom * (frequency + 0.5 / (spectrum?.side ?? sidePx))) * sidePx;
  return (
    <div
      className={styles.frame}
      role="img"
      aria-label="Power spectrum: click a spot for its spacing"
      data-busy={live.busy}
      data-testid="fourier-picture"
      onPointerDown={press}
    >
      <canvas ref={canvas} width={1} height={1} />
      <svg viewBox={`0 0 ${sidePx} ${sidePx}`} aria-hidden="true">
        {spots.map(
          (spot, i) =>
            spot && <SpotRings key={`${spot.x} ${spot.y}`} spot={spot} number={i + 1} place={place} />,
        )}
      </svg>
      {spectrum && <ScaleBar scale={scale} zoom={zoom} />}
      {live.refusal && <p className={styles.refusal}>{live.refusal}</p>}
    </div>
  );
}

/** A spot and the one opposite, which is the same. */
function SpotRings(props: {
  readonly spot: SpectrumSpot;
  readonly number: number;
  readonly place: (frequency: number) => number;
}) {
  const { spot, number, place } = props;
  const ring = (sign: 1 | -1) => (
    <circle
      cx={place(sign * spot.x)}
      cy={place(sign * spot.y)}
      r={9}
      fill="none"
      stroke="#3fd0c0"
      strokeWidth={1.5}
    />
  );
  return (
    <g>
      {ring(1)}
      <g opacity={0.8} strokeDasharray="3 3">
        {ring(-1)}
      </g>
      <text
        x={place(spot.x) + 12}
        y={place(spot.y) - 8}
        fill="#fff"
        stroke="#0a0d0f"
        strokeWidth={3}
        paintOrder="stroke"
        fontSize={12}
        fontWeight={600}
      >
        {number}
      </text>
    </g>
  );
}

/** A 1-2-5 length of reciprocal space along the picture's x. */
function ScaleBar({ scale, zoom }: { readonly scale: LengthScale; readonly zoom: number }) {
  const { xx, xy } = inverseMap(scale.map);
  // The width of the picture is 1/zoom cycles a px.
  const perPx = Math.hypot(xx, xy) / zoom / sidePx;
  const most = 110 * perPx;
  const decade = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((step) => step * decade).find((l) => l <= most * (1 + 1e-9)) ?? decade;
  const unit = { nm: "1/nm", px: "1/px", "1/nm": "nm" }[scale.unit];
  return (
    <div className={`${styles.scale} numbers`}>
      {Number(length.toPrecision(3))} {unit}
      <i style={{ width: length / perPx }} />
    </div>
  );
}
