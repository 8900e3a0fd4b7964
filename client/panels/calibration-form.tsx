import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import { calibrationByLine, calibrationByTyping, removedCalibration } from "#client/state/calibrate.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { pixelShapeOf } from "#client/state/pixel-shape.ts";
import { useSelectionStore } from "#client/state/selection-store.ts";
import { toast } from "#client/state/toast-store.ts";
import { useToolStore } from "#client/state/tool-store.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import { CalibrationBadge, calibrationWords } from "./calibration-badge.tsx";
import dialog from "./dialog.module.css";
import panel from "./panel.module.css";
import { useDocument } from "./use-document.ts";
import { useRight, useWorkspace } from "./workspace-context.ts";

/** The scale of the picture: typed, or from a measurement line along something of known length. Every number follows. */
export function CalibrationForm() {
  const { micrograph, session, refetchMicrograph } = useWorkspace();
  const { document } = useDocument(session);
  const selected = useSelectionStore((state) => state.selected);
  const setTool = useToolStore((state) => state.setTool);
  const principal = usePersonStore((state) => state.principal);
  const annotate = useRight("annotate");
  const [way, setWay] = useState<"typed" | "line">("typed");
  const [text, setText] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const { calibration } = micrograph;
  const chosen = selected.length === 1 ? document.annotations().get(selected[0]!) : undefined;
  const line = chosen?.kind === "measurement-line" ? chosen.outline.rings[0]?.vertices : undefined;

  const write = async (next: Calibration, said: string) => {
    setBusy(true);
    setFailure(null);
    try {
      await endpoints.record(micrograph.id, { type: "calibrate", calibration: next, comment: said });
      await refetchMicrograph();
      setText("");
      toast("Calibrated: every number follows.", "good");
    } catch (error) {
      setFailure(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    try {
      const by = principal?.id ?? "";
      if (way === "typed") void write(calibrationByTyping(text, by), `typed: ${text}`);
      else if (line)
        void write(
          calibrationByLine(line, text, by, pixelShapeOf(calibration)),
          `a line of known length: ${text}`,
        );
    } catch (error) {
      setFailure(sentenceOf(error));
    }
  };
  const { why } = calibrationWords(calibration);
  return (
    <>
      <div className={panel.row}>
        <CalibrationBadge calibration={calibration} />
        <span className="dim small numbers">{why}</span>
      </div>
      {!annotate.allowed ? (
        <p className="dim small">{annotate.reason}</p>
      ) : (
        <form onSubmit={submit}>
          <SegmentedControl
            size="xs"
            fullWidth
            value={way}
            onChange={(value) => {
              setWay(value as typeof way);
              setFailure(null);
            }}
            data={[
              { value: "typed", label: "Pixel size" },
              { value: "line", label: "Line of known length" },
            ]}
          />
          {way === "line" && !line ? (
            <p className="dim small" style={{ marginTop: 8 }}>
              Draw a line along the burnt-in scale bar, or along anything whose length you know, and select
              it.{" "}
              <Button size="compact-xs" variant="light" onClick={() => setTool("line")}>
                Draw the line
              </Button>
            </p>
          ) : (
            <div className={dialog.link}>
              <TextInput
                size="xs"
                aria-label={way === "typed" ? "Pixel size" : "Length of the line"}
                placeholder={way === "typed" ? "0.42 nm/px" : "50 nm"}
                value={text}
                onChange={(event) => setText(event.currentTarget.value)}
              />
              <Button size="xs" type="submit" disabled={!text.trim()} loading={busy}>
                Set
              </Button>
              {calibration.state === "calibrated" && calibration.source.kind === "person" && (
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => void write(removedCalibration, "taken back")}
                >
                  Remove
                </Button>
              )}
            </div>
          )}
          {failure && <p className={dialog.failure}>{failure}</p>}
          <p className="dim small" style={{ marginTop: 8 }}>
            On the picture: <kbd>K</kbd> and two clicks on a scale bar, on fringes or on diffraction spots;{" "}
            <kbd>U</kbd> for a spot of the Fourier transform.
          </p>
        </form>
      )}
    </>
  );
}
