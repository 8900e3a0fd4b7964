import { Button, Group, Modal, NativeSelect, NumberInput, SegmentedControl } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import {
  calibrationByFeature,
  type KnownFeature,
  type LengthUnit,
  lengthUnits,
} from "#client/state/feature-calibration.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { toast } from "#client/state/toast-store.ts";
import { type PointedFeature, useToolStore } from "#client/state/tool-store.ts";
import type { BarUnit } from "#core/burnt-in/read-lettering.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import { formatQuantity } from "#core/units/quantity.ts";
import { calibrationWords } from "./calibration-badge.tsx";
import dialog from "./dialog.module.css";
import { ScaleBarPreview } from "./scale-bar-preview.tsx";
import { useWorkspace } from "./workspace-context.ts";

/** How long is what was just pointed out? Opened by the second click of the calibration tool. */
export default function CalibrateDialog({ p, q, burntIn }: PointedFeature) {
  const { micrograph, refetchMicrograph } = useWorkspace();
  const principal = usePersonStore((state) => state.principal);
  const { setKnownFeature, setTool } = useToolStore();
  const close = () => setKnownFeature(null);
  const [kind, setKind] = useState<KnownFeature>("scale-bar");
  const written = burntIn?.written ? inFormUnits(burntIn.written) : null;
  const [length, setLength] = useState<number | string>(written?.length ?? "");
  const [u, setU] = useState<number | string>(0);
  const [unit, setUnit] = useState<LengthUnit>(
    written?.unit ?? (micrograph.content === "diffraction" ? "1/nm" : "nm"),
  );
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const lengthPx = Math.hypot(q.x - p.x, q.y - p.y);
  const make = (): Calibration =>
    calibrationByFeature({ p, q, length: Number(length), u: Number(u), unit, kind }, principal?.id ?? "");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    try {
      const calibration = make();
      const comment =
        calibration.state === "calibrated" && calibration.source.kind === "person"
          ? calibration.source.note
          : "";
      await endpoints.record(micrograph.id, { type: "calibrate", calibration, comment });
      await refetchMicrograph();
      toast("Calibrated: every number follows.", "good");
      setTool("select");
      close();
    } catch (error) {
      setFailure(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={close} title="Calibrate" size={440}>
      <form onSubmit={(event) => void submit(event)} data-testid="calibrate-dialog">
        <p className="dim small" style={{ marginTop: 0 }}>
          {lengthPx.toFixed(1)} px between the two ends. Now: {calibrationWords(micrograph.calibration).why}
        </p>
        {burntIn && <ScaleBarPreview p={p} q={q} read={written !== null} />}
        <SegmentedControl
          size="xs"
          fullWidth
          value={kind}
          onChange={(value) => setKind(value as KnownFeature)}
          data={[
            { value: "scale-bar", label: "Scale bar" },
            { value: "feature", label: "Feature of known length" },
          ]}
        />
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
        <p className="small numbers" style={{ minHeight: "1.4em" }}>
          {preview(make)}
        </p>
        {failure && <p className={dialog.failure}>{failure}</p>}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={!(Number(length) > 0)}>
            Calibrate
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

/** What stands beside a bar, as the form writes it. */
function inFormUnits({ value, unit }: { readonly value: number; readonly unit: BarUnit }) {
  return unit === "Å" ? { length: value / 10, unit: "nm" as const } : { length: value, unit };
}

/** The pixel size that would come of it, once there is one. */
function preview(make: () => Calibration): string {
  try {
    const calibration = make();
    if (calibration.state !== "calibrated") return "";
    const size = calibration.pixelSize.x;
    const u = size * calibration.relativeStandardUncertainty.x;
    return `Pixel size ${formatQuantity({ value: size, u, unit: calibration.unit })} per px`;
  } catch {
    return "";
  }
}
