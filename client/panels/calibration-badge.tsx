import { Tooltip } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { Calibration } from "#core/micrograph/calibration.ts";
import styles from "./calibration-badge.module.css";

/** Where the scale of a micrograph comes from; the one that is missing warns. */
export function CalibrationBadge({ calibration }: { readonly calibration: Calibration }) {
  const { label, why } = calibrationWords(calibration);
  return (
    <Tooltip label={why} multiline maw={320}>
      <span className={styles.badge} data-state={calibration.state}>
        {calibration.state === "uncalibrated" && <IconAlertTriangle size={12} />}
        {label}
      </span>
    </Tooltip>
  );
}

export function calibrationWords(calibration: Calibration): { readonly label: string; readonly why: string } {
  switch (calibration.state) {
    case "uncalibrated":
      return { label: "uncalibrated", why: `${asSentence(calibration.reason)} Numbers stay in pixels.` };
    case "not-to-scale":
      return { label: "not to scale", why: "A schematic or a plot: it has no pixel size." };
    case "calibrated": {
      const { source, pixelSize, unit } = calibration;
      const size = `${Number(pixelSize.x.toPrecision(4))} ${unit}/px`;
      if (source.kind === "file") return { label: "from file", why: `${size}, from the tag ${source.tag}` };
      if (source.kind === "synthetic") return { label: "synthetic", why: `${size}, exact by construction` };
      return {
        label: "by hand",
        why: `${size}, set by a person (${source.method})${source.note ? `: ${source.note}` : ""}`,
      };
    }
  }
}

/** Readers give a reason without its full stop. */
export function asSentence(reason: string): string {
  return reason.endsWith(".") ? reason : `${reason}.`;
}
