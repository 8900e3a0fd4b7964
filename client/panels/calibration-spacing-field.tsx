import { NativeSelect, NumberInput } from "@mantine/core";
import type { NamedReflection } from "#client/state/lattice-calibration.ts";
import type { KnownReflection } from "#core/measurement/calibrate-lattice.ts";
import { referenceSpacings } from "#core/measurement/reference-spacings.ts";
import styles from "./calibration.module.css";

/** A spacing somebody says a reflection has; empty fields are empty texts. */
export interface SaidSpacing {
  /** Of the list, or "other". */
  readonly id: string;
  readonly nm: number | string;
  readonly uNm: number | string;
}

export const nothingSaid: SaidSpacing = { id: "", nm: "", uNm: "" };

export function isSaid({ nm, uNm }: SaidSpacing): boolean {
  return Number(nm) > 0 && uNm !== "" && Number(uNm) >= 0;
}

/** What was found at a place, said to be this spacing. */
export function reflectionAt(
  place: Omit<KnownReflection, "spacingNm" | "uSpacingNm">,
  { id, nm, uNm }: SaidSpacing,
  found: string,
): NamedReflection {
  const name = referenceSpacings.find((entry) => entry.id === id)?.label ?? "";
  return { ...place, spacingNm: Number(nm), uSpacingNm: Number(uNm), name, found };
}

/** Which reflection it is: one of the list with its source, or any spacing with its uncertainty. */
export function SpacingField(props: {
  readonly label: string;
  readonly value: SaidSpacing;
  readonly change: (value: SaidSpacing) => void;
  /** Leaving it out is a choice. */
  readonly optional: boolean;
}) {
  const { label, value, change, optional } = props;
  const reference = referenceSpacings.find(({ id }) => id === value.id);
  const choose = (id: string) => {
    const entry = referenceSpacings.find((known) => known.id === id);
    if (entry) change({ id, nm: Number(entry.spacingNm.toPrecision(5)), uNm: entry.uNm });
    else change(id === "other" ? { id, nm: value.nm, uNm: value.uNm } : nothingSaid);
  };
  return (
    <>
      <div className={styles.spacing}>
        <NativeSelect
          label={label}
          data-autofocus
          value={value.id}
          onChange={(event) => choose(event.currentTarget.value)}
          data={[
            { value: "", label: optional ? "not used" : "choose …" },
            ...referenceSpacings.map(({ id, label: name, spacingNm }) => ({
              value: id,
              label: `${name}, ${spacingNm.toFixed(4)} nm`,
            })),
            { value: "other", label: "another spacing" },
          ]}
        />
        <NumberInput
          label="d, nm"
          min={0}
          hideControls
          decimalScale={6}
          value={value.nm}
          onChange={(nm) => change({ ...value, id: "other", nm })}
        />
        <NumberInput
          label="± (1 σ)"
          min={0}
          hideControls
          decimalScale={6}
          value={value.uNm}
          onChange={(uNm) => change({ ...value, id: value.id || "other", uNm })}
        />
      </div>
      {reference && (
        <p className="dim small" style={{ margin: "4px 0 0" }}>
          {reference.source}
        </p>
      )}
    </>
  );
}
