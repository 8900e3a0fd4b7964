import { Group, Modal, NativeSelect, NumberInput, SegmentedControl } from "@mantine/core";
import { type FormEvent, useEffect, useMemo, useState } from "react";
import {
  calibrationByFeature,
  type KnownFeature,
  type LengthUnit,
  lengthUnits,
} from "#client/state/feature-calibration.ts";
import { calibrationByLattice } from "#client/state/lattice-calibration.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { pixelShapeOf } from "#client/state/pixel-shape.ts";
import { type PointedFeature, useToolStore } from "#client/state/tool-store.ts";
import type { RecordedPatch } from "#client/viewer/micrograph-viewer.ts";
import { recordedSoon } from "#client/viewer/recorded-soon.ts";
import type { BarUnit } from "#core/burnt-in/read-lettering.ts";
import type { Point } from "#core/geometry/point.ts";
import {
  countedFringes,
  type DiffractionLine,
  refinedLine,
  refinePatchPx,
  reflectionOfLine,
} from "#core/measurement/lattice-reflection.ts";
import { lengthScale } from "#core/measurement/length-scale.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import styles from "./calibration.module.css";
import { calibrationWords } from "./calibration-badge.tsx";
import { CalibrationDialogFoot } from "./calibration-dialog-foot.tsx";
import { LatticeFields, type LatticeLine } from "./calibration-lattice-fields.tsx";
import { calibrationPreview } from "./calibration-preview.ts";
import { isSaid, nothingSaid, reflectionAt } from "./calibration-spacing-field.tsx";
import { ScaleBarPreview } from "./scale-bar-preview.tsx";
import { useCalibrate } from "./use-calibrate.ts";
import { useWorkspace } from "./workspace-context.ts";

/** An end set by hand is good to half a pixel. */
const endUPx = 0.5;

const foundWords: Readonly<Record<DiffractionLine, string>> = {
  spots: "spots ±g",
  ring: "ring",
  "middle-spot": "spot",
  "middle-ring": "ring",
};

/** How long is what was just pointed out? Opened by the second click of the calibration tool. */
export default function CalibrateDialog({ p, q, burntIn }: PointedFeature) {
  const { micrograph } = useWorkspace();
  const { calibration } = micrograph;
  const by = usePersonStore((state) => state.principal)?.id ?? "";
  const { setKnownFeature, setTool } = useToolStore();
  const close = () => setKnownFeature(null);
  const reciprocal =
    micrograph.content === "diffraction" ||
    (calibration.state === "calibrated" && calibration.unit === "1/nm");
  const domain = reciprocal ? "diffraction" : "image";
  const [kind, setKind] = useState<KnownFeature | "lattice">(
    reciprocal && !burntIn ? "lattice" : "scale-bar",
  );
  const written = burntIn?.written ? inFormUnits(burntIn.written) : null;
  const [length, setLength] = useState<number | string>(written?.length ?? "");
  const [u, setU] = useState<number | string>(0);
  const [unit, setUnit] = useState<LengthUnit>(written?.unit ?? (reciprocal ? "1/nm" : "nm"));
  const [lattice, setLattice] = useState<LatticeLine>({
    periods: 10,
    drawn: "spots",
    spacing: nothingSaid,
  });
  const line = useRefinedLine(p, q, lattice.drawn, reciprocal);
  const { calibrate, failure, busy } = useCalibrate(() => {
    setTool("select");
    close();
  });
  const lengthPx = Math.hypot(q.x - p.x, q.y - p.y);
  const ready = kind === "lattice" ? isSaid(lattice.spacing) : Number(length) > 0;

  const make = (): Calibration => {
    if (kind !== "lattice") {
      const feature = { p, q, length: Number(length), u: Number(u), unit, kind };
      return calibrationByFeature(feature, by, pixelShapeOf(calibration));
    }
    const { spacing, periods, drawn } = lattice;
    const place =
      domain === "image"
        ? countedFringes({ p, q }, Number(periods), endUPx, lengthScale(calibration))
        : reflectionOfLine(line, drawn);
    const found = domain === "image" ? `${periods} fringes` : foundWords[drawn];
    return calibrationByLattice([reflectionAt(place, spacing, found)], domain, "same", calibration, by);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void calibrate(make);
  };
  return (
    <Modal opened onClose={close} title="Calibrate" size={480}>
      <form onSubmit={submit} data-testid="calibrate-dialog">
        <p className="dim small" style={{ marginTop: 0 }}>
          {lengthPx.toFixed(1)} px between the two ends. Now: {calibrationWords(calibration).why}
        </p>
        {burntIn && <ScaleBarPreview p={p} q={q} read={written !== null} />}
        <SegmentedControl
          size="xs"
          fullWidth
          value={kind}
          onChange={(value) => setKind(value as typeof kind)}
          data={[
            { value: "scale-bar", label: "Scale bar" },
            { value: "feature", label: "Feature of known length" },
            { value: "lattice", label: "Lattice spacing" },
          ]}
        />
        {kind === "lattice" ? (
          <LatticeFields domain={domain} value={lattice} change={setLattice} />
        ) : (
          <Group grow mt="sm" align="end">
            <NumberInput
              label="Length"
              min={0}
              hideControls
              autoFocus
              data-autofocus
              value={length}
              onChange={setLength}
            />
            <NumberInput label="± (1 σ)" min={0} hideControls value={u} onChange={setU} />
            <NativeSelect
              label="Unit"
              value={unit}
              onChange={(event) => setUnit(event.currentTarget.value as LengthUnit)}
              data={[...lengthUnits]}
            />
          </Group>
        )}
        <p className={`${styles.preview} small numbers`}>
          {ready && calibrationPreview(make, calibration)}
          {ready && kind === "lattice" && reciprocal && refinedWords(line.p !== p, line.q !== q)}
        </p>
        <CalibrationDialogFoot failure={failure} busy={busy} ready={ready} close={close} />
      </form>
    </Modal>
  );
}

/** What stands beside a bar, as the form writes it. */
function inFormUnits({ value, unit }: { readonly value: number; readonly unit: BarUnit }) {
  return unit === "Å" ? { length: value / 10, unit: "nm" as const } : { length: value, unit };
}

/** The line with its ends in the middles of what they point at, as soon as the values around them are there. */
function useRefinedLine(p: Point, q: Point, drawn: DiffractionLine, wanted: boolean) {
  const { viewer } = useWorkspace();
  const [patches, setPatches] = useState<readonly (RecordedPatch | null)[]>([null, null]);
  useEffect(() => {
    if (!viewer || !wanted) return;
    const stop = new AbortController();
    const boxes = [p, q].map(({ x, y }) => ({
      minX: x - refinePatchPx,
      minY: y - refinePatchPx,
      maxX: x + refinePatchPx,
      maxY: y + refinePatchPx,
    }));
    void Promise.all(boxes.map((box) => recordedSoon(viewer, box, stop.signal))).then((found) => {
      if (!stop.signal.aborted) setPatches(found);
    });
    return () => stop.abort();
  }, [viewer, p, q, wanted]);
  return useMemo(
    () => refinedLine({ p, q }, drawn, (at) => patches[at === p ? 0 : 1] ?? null),
    [p, q, drawn, patches],
  );
}

function refinedWords(first: boolean, second: boolean): string {
  if (first && second) return " Both ends went to the middles of what they point at.";
  if (first || second) return " One end went to the middle of what it points at; the other stays as clicked.";
  return " Both ends stay as clicked: nothing stands out there.";
}
