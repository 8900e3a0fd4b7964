import { Button } from "@mantine/core";
import { useStore } from "zustand";
import type { Calibration } from "#core/micrograph/calibration.ts";
import styles from "./calibration.module.css";
import { pixelSizeWords } from "./calibration-preview.ts";
import { readableTime } from "./readable-length.ts";
import { useCalibrate } from "./use-calibrate.ts";
import { useNames } from "./use-names.ts";
import { useRight, useWorkspace } from "./workspace-context.ts";

/** Who calibrated when, how and by what: every version, newest first; an older one can be brought back as a new one. */
export default function CalibrationVersions() {
  const { records } = useWorkspace();
  const annotate = useRight("annotate");
  const versions = useStore(records, (state) => state.calibrations);
  const { named } = useNames(versions.map(({ madeBy }) => madeBy));
  const { calibrate, failure, busy } = useCalibrate(() => {});
  if (versions.length === 0) return null;
  return (
    <>
      <ol className={`${styles.versions} numbers`} aria-label="Versions of the calibration">
        {[...versions].reverse().map(({ id, number, calibration, comment, madeBy, madeAt }, i) => (
          <li key={id} value={number} data-now={i === 0}>
            <span>
              <strong>{sizeWords(calibration)}</strong>
              <small>
                {i === 0 && "now · "}
                {named(madeBy).name}, {readableTime(madeAt)}
                {comment && ` · ${comment}`}
              </small>
            </span>
            {i > 0 && annotate.allowed && (
              <Button
                size="compact-xs"
                variant="subtle"
                loading={busy}
                onClick={() => void calibrate(() => calibration)}
              >
                Bring back
              </Button>
            )}
          </li>
        ))}
      </ol>
      {failure && <p className={styles.failure}>{failure}</p>}
    </>
  );
}

function sizeWords(calibration: Calibration): string {
  switch (calibration.state) {
    case "calibrated":
      return pixelSizeWords(calibration).replace("Pixel size ", "");
    case "uncalibrated":
      return "uncalibrated";
    case "not-to-scale":
      return "not to scale";
  }
}
