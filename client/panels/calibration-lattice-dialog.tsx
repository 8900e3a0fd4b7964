import { Modal, SegmentedControl, Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { calibrationByLattice, type ReflectionDomain } from "#client/state/lattice-calibration.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import { calibrationWords } from "./calibration-badge.tsx";
import { CalibrationDialogFoot } from "./calibration-dialog-foot.tsx";
import { calibrationPreview } from "./calibration-preview.ts";
import {
  isSaid,
  nothingSaid,
  reflectionAt,
  type SaidSpacing,
  SpacingField,
} from "./calibration-spacing-field.tsx";
import { useCalibrate } from "./use-calibrate.ts";
import { useWorkspace } from "./workspace-context.ts";

/** A reflection that was found, and the words for it. */
export interface FoundReflection {
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly uX: number;
  readonly uY: number;
}

interface LatticeDialogProps {
  readonly domain: ReflectionDomain;
  readonly found: readonly FoundReflection[];
  readonly close: () => void;
}

/** Which spacings are these? What they are said to be gives the pixel size, and through it every number. */
export default function LatticeDialog({ domain, found, close }: LatticeDialogProps) {
  const { micrograph } = useWorkspace();
  const principal = usePersonStore((state) => state.principal);
  // The reflections as they were when the question was asked: a live spectrum goes on changing behind it.
  const [reflections] = useState(found);
  const [said, setSaid] = useState<readonly SaidSpacing[]>(() => reflections.map(() => nothingSaid));
  const [axes, setAxes] = useState<"same" | "separate">("same");
  const { calibrate, failure, busy } = useCalibrate(close);
  const named = reflections.flatMap(({ label, ...place }, i) =>
    isSaid(said[i]!) ? [reflectionAt(place, said[i]!, label)] : [],
  );
  const make = () => calibrationByLattice(named, domain, axes, micrograph.calibration, principal?.id ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void calibrate(make);
  };
  return (
    <Modal opened onClose={close} title="Calibrate by a lattice spacing" size={520}>
      <form onSubmit={submit} data-testid="lattice-dialog">
        <p className="dim small" style={{ marginTop: 0 }}>
          Now: {calibrationWords(micrograph.calibration).why}
        </p>
        <Stack gap="sm">
          {reflections.map(({ label }, i) => (
            <div key={label}>
              <SpacingField
                label={label}
                value={said[i]!}
                optional={reflections.length > 1}
                change={(value) => setSaid((all) => all.map((one, j) => (j === i ? value : one)))}
              />
            </div>
          ))}
          {reflections.length > 1 && (
            <SegmentedControl
              size="xs"
              value={axes}
              onChange={(value) => setAxes(value as typeof axes)}
              data={[
                { value: "same", label: "Pixels keep their shape" },
                { value: "separate", label: "x and y apart" },
              ]}
            />
          )}
        </Stack>
        <Preview make={make} nothing={named.length === 0} current={micrograph.calibration} />
        <CalibrationDialogFoot failure={failure} busy={busy} ready={named.length > 0} close={close} />
      </form>
    </Modal>
  );
}

/** The pixel size that would come of it, and by how much every length changes. */
function Preview(props: {
  readonly make: () => Calibration;
  readonly nothing: boolean;
  readonly current: Calibration;
}) {
  const { make, nothing, current } = props;
  const text = nothing
    ? "Say which spacing it is: the pixel size follows."
    : calibrationPreview(make, current);
  return (
    <p
      className={nothing ? "dim small" : "small numbers"}
      style={{ minHeight: "3em" }}
      data-testid="lattice-preview"
    >
      {text}
    </p>
  );
}
