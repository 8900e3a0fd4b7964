import { Button, CloseButton } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useState } from "react";
import styles from "./workspace.module.css";
import { useRight, useWorkspace } from "./workspace-context.ts";

/** The one banner over an uncalibrated picture; marking can start before. */
export function CalibrationBanner({ calibrate }: { readonly calibrate: () => void }) {
  const { micrograph } = useWorkspace();
  const annotate = useRight("annotate");
  const [dismissed, setDismissed] = useState(false);
  if (micrograph.calibration.state !== "uncalibrated" || dismissed) return null;
  return (
    <div className={styles.banner} role="status">
      <IconAlertTriangle size={16} />
      <span>
        <strong>Uncalibrated.</strong> {micrograph.calibration.reason} Numbers are in pixels until somebody
        says how large one is.
      </span>
      {annotate.allowed && (
        <Button size="compact-sm" variant="default" onClick={calibrate}>
          Calibrate by hand
        </Button>
      )}
      <CloseButton size="sm" aria-label="Not now" onClick={() => setDismissed(true)} />
    </div>
  );
}
