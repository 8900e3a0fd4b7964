import { Button, CloseButton } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useState } from "react";
import { endpoints } from "#client/state/endpoints.ts";
import { useToolStore } from "#client/state/tool-store.ts";
import { useResource } from "#client/state/use-resource.ts";
import { asSentence } from "./calibration-badge.tsx";
import styles from "./picture-banner.module.css";
import { useRight, useWorkspace } from "./workspace-context.ts";

/** How often to ask for a bar while the pixels are being prepared. */
const askAgainMs = 3_000;

/** The one banner over an uncalibrated picture; marking can start before. */
export function CalibrationBanner({ calibrate }: { readonly calibrate: () => void }) {
  const { micrograph } = useWorkspace();
  const annotate = useRight("annotate");
  const setKnownFeature = useToolStore((state) => state.setKnownFeature);
  const [dismissed, setDismissed] = useState(false);
  const uncalibrated = micrograph.calibration.state === "uncalibrated";
  const { value } = useResource(
    uncalibrated && annotate.allowed ? `scale-bar/${micrograph.id}` : null,
    () => endpoints.scaleBar(micrograph.id),
    (answer) => (answer && !answer.searched ? askAgainMs : null),
  );
  if (micrograph.calibration.state !== "uncalibrated" || dismissed) return null;
  const bar = value?.scaleBar;
  const written = bar?.lettering ?? null;
  return (
    <div className={styles.banner} role="status">
      <IconAlertTriangle size={16} />
      <span>
        <strong>Uncalibrated.</strong> {asSentence(micrograph.calibration.reason)} Numbers are in pixels until
        somebody says how large one is.
      </span>
      {annotate.allowed && bar && (
        <Button
          size="compact-sm"
          onClick={() => setKnownFeature({ p: bar.p, q: bar.q, burntIn: { written } })}
        >
          Use the burnt-in bar ({written ? `found: ${written.value} ${written.unit}` : "found, not read"})
        </Button>
      )}
      {annotate.allowed && (
        <Button size="compact-sm" variant="default" onClick={calibrate}>
          Calibrate by hand
        </Button>
      )}
      <CloseButton size="sm" aria-label="Not now" onClick={() => setDismissed(true)} />
    </div>
  );
}
