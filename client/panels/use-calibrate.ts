import { useState } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { toast } from "#client/state/toast-store.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import { useWorkspace } from "./workspace-context.ts";

/** Of the record: a note of many reflections may be longer. */
const longestComment = 500;

/** Write a calibration into the micrograph's record: a new version for everybody, and every number follows. */
export function useCalibrate(done: () => void) {
  const { micrograph, refetchMicrograph } = useWorkspace();
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const calibrate = async (make: () => Calibration) => {
    setBusy(true);
    setFailure(null);
    try {
      const calibration = make();
      const comment =
        calibration.state === "calibrated" && calibration.source.kind === "person"
          ? calibration.source.note.slice(0, longestComment)
          : "";
      await endpoints.record(micrograph.id, { type: "calibrate", calibration, comment });
      await refetchMicrograph();
      toast("Calibrated: every number follows.", "good");
      done();
    } catch (error) {
      setFailure(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  return { calibrate, failure, busy };
}
