import { NativeSelect, NumberInput } from "@mantine/core";
import type { ReflectionDomain } from "#client/state/lattice-calibration.ts";
import type { DiffractionLine } from "#core/measurement/lattice-reflection.ts";
import styles from "./calibration.module.css";
import { type SaidSpacing, SpacingField } from "./calibration-spacing-field.tsx";

export interface LatticeLine {
  /** Fringes counted along the line. */
  readonly periods: number | string;
  readonly drawn: DiffractionLine;
  readonly spacing: SaidSpacing;
}

/** What a line over a lattice image or a diffraction pattern stands for. */
export function LatticeFields(props: {
  readonly domain: ReflectionDomain;
  readonly value: LatticeLine;
  readonly change: (value: LatticeLine) => void;
}) {
  const { domain, value, change } = props;
  return (
    <>
      <div className={styles.line}>
        {domain === "image" ? (
          <NumberInput
            label="Periods from end to end"
            description="The line crosses the fringes at a right angle"
            min={1}
            allowDecimal={false}
            value={value.periods}
            onChange={(periods) => change({ ...value, periods })}
          />
        ) : (
          <NativeSelect
            label="The line goes"
            value={value.drawn}
            onChange={(event) => change({ ...value, drawn: event.currentTarget.value as DiffractionLine })}
            data={[
              { value: "spots", label: "from a spot to the opposite one" },
              { value: "ring", label: "across a ring" },
              { value: "middle-spot", label: "from the middle to a spot" },
              { value: "middle-ring", label: "from the middle to a ring" },
            ]}
          />
        )}
      </div>
      <SpacingField
        label="Lattice planes"
        value={value.spacing}
        optional={false}
        change={(spacing) => change({ ...value, spacing })}
      />
    </>
  );
}
