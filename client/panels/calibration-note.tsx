import { IconAlertTriangle } from "@tabler/icons-react";
import panel from "./panel.module.css";
import { useWorkspace } from "./workspace-context.ts";

/** Numbers in pixels say so, above all of them. */
export function CalibrationNote() {
  const { calibration } = useWorkspace().micrograph;
  if (calibration.state === "calibrated") return null;
  return (
    <div className={panel.warning}>
      <IconAlertTriangle size={15} />
      <span>
        {calibration.state === "uncalibrated"
          ? "No calibration: every number is in pixels."
          : "Not to scale: every number is in pixels."}
      </span>
    </div>
  );
}
