import { Button, NumberInput } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { boundedWidth, profileWidthPx, useProfileStore } from "#client/state/profile-store.ts";
import { toast } from "#client/state/toast-store.ts";
import { lengthScale } from "#core/measurement/length-scale.ts";
import { formatQuantity } from "#core/units/quantity.ts";
import { downloadText } from "./download-text.ts";
import { FloatingPanel } from "./floating-panel.tsx";
import type { ProfileLine } from "./profile-line.ts";
import styles from "./profile-panel.module.css";
import { fringeReflection, profileReadings } from "./profile-readings.ts";
import { profileTable } from "./profile-table.ts";
import { type ReadProfile, useStripValues } from "./strip-values.ts";
import { useDocument } from "./use-document.ts";
import { useRight, useWorkspace } from "./workspace-context.ts";

const ProfilePlot = lazyPart(() => import("./profile-plot.tsx"), <div className={styles.plot} />);
const LatticeDialog = lazyPart(() => import("./calibration-lattice-dialog.tsx"));

/** The intensity along a line: plot, width, what stands between two cursors, and its table. */
export default function ProfilePanel({ line }: { readonly line: ProfileLine }) {
  const { micrograph } = useWorkspace();
  const profile = useStripValues(line);
  const close = () => useProfileStore.getState().dismiss(line.mark?.id ?? null);
  const exact = profile?.ok === true && profile.exact;
  const note =
    profile?.ok === true
      ? `${exact ? "" : "~ "}${line.mark?.name || ""} ${profile.strip.samples} values${exact ? "" : ", coming in"}`
      : "";
  return (
    <FloatingPanel title="Line profile" note={note} widthPx={540} corner="left" close={close}>
      {profile && !profile.ok && <p className={styles.refusal}>{profile.message}</p>}
      {profile?.ok && <Profile line={line} profile={profile} />}
      {micrograph.flags.lossy && (
        <p className="dim small" style={{ margin: 0 }}>
          The file is lossy: these are not the intensities that were recorded.
        </p>
      )}
    </FloatingPanel>
  );
}

function Profile({ line, profile }: { readonly line: ProfileLine; readonly profile: ReadProfile }) {
  const { micrograph } = useWorkspace();
  const annotate = useRight("annotate");
  const [cursors, setCursors] = useState<readonly [number, number]>([0.25, 0.75]);
  const [calibrating, setCalibrating] = useState(false);
  const scale = useMemo(() => lengthScale(micrograph.calibration), [micrograph.calibration]);
  const readings = useMemo(() => profileReadings(profile, cursors, scale), [profile, cursors, scale]);
  const fringes = useMemo(
    () => (calibrating ? fringeReflection(profile, cursors, scale) : null),
    [calibrating, profile, cursors, scale],
  );
  const save = () => {
    if (!profile.exact) {
      return toast("Some values are still those of the screen. Wait until all of them have come.", "warning");
    }
    const name = micrograph.name.replace(/\.[^.]*$/, "");
    downloadText(`${name}-profile.csv`, "text/csv", profileTable(profile));
  };
  const fringesFound = readings.some(({ id, text }) => id === "fringes" && text !== null);
  return (
    <>
      <ProfilePlot profile={profile} cursors={cursors} setCursors={setCursors} />
      <dl className={`${styles.readings} numbers`} aria-live="off">
        {readings.map(({ id, label, text, why }) => (
          <div key={id} title={why} data-reading={id}>
            <dt>{label}</dt>
            <dd className={text === null ? "dim" : undefined}>
              {text === null ? "–" : `${profile.exact ? "" : "~ "}${text}`}
            </dd>
          </div>
        ))}
      </dl>
      <div className={styles.bar}>
        <WidthField line={line} unitPerPx={acrossPerPx(profile, scale)} unit={scale.unit} />
        <div className={styles.end}>
          {annotate.allowed && (
            <Button
              size="compact-xs"
              variant="default"
              disabled={!fringesFound}
              title="The fringes between the cursors have a spacing that you know"
              onClick={() => setCalibrating(true)}
            >
              Calibrate by fringes …
            </Button>
          )}
          <Button size="compact-xs" variant="default" leftSection={<IconDownload size={14} />} onClick={save}>
            CSV
          </Button>
        </div>
      </div>
      {fringes && (
        <LatticeDialog
          domain="image"
          found={[
            {
              label: `${fringes.fringes.periods} fringes`,
              ...fringes.spot,
            },
          ]}
          close={() => setCalibrating(false)}
        />
      )}
    </>
  );
}

/** How wide one line of the strip is, in the unit of the scale. */
function acrossPerPx({ strip }: ReadProfile, { map }: ReturnType<typeof lengthScale>): number {
  const { x, y } = strip.across;
  return Math.hypot(map.xx * x + map.xy * y, map.yx * x + map.yy * y);
}

/** Width in px, with what it is in nm: a property of the mark, kept with it. */
function WidthField(props: {
  readonly line: ProfileLine;
  readonly unitPerPx: number;
  readonly unit: string;
}) {
  const { line, unitPerPx, unit } = props;
  const { session } = useWorkspace();
  const { document } = useDocument(session);
  const annotate = useRight("annotate");
  const setWidth = useProfileStore((state) => state.setWidth);
  const [text, setText] = useState<number | string>(line.widthPx);
  useEffect(() => setText(line.widthPx), [line.widthPx]);
  const kept = line.mark?.kind === "profile-line" ? line.mark : null;
  const keep = (value: number | string) => {
    const widthPx = boundedWidth(Number(value));
    setText(widthPx);
    if (widthPx === line.widthPx) return;
    setWidth(widthPx);
    if (!kept) return;
    const fields = { parameters: { ...kept.parameters, widthPx } };
    document.execute({ type: "set-fields", id: kept.id, fields });
  };
  return (
    <div className={styles.field}>
      <span aria-hidden="true">Width</span>
      <NumberInput
        size="xs"
        className={styles.width ?? ""}
        aria-label="Width of the profile, px"
        min={profileWidthPx.least}
        max={profileWidthPx.most}
        allowDecimal={false}
        value={text}
        disabled={kept !== null && (!annotate.allowed || kept.locked)}
        onChange={setText}
        onBlur={() => keep(text)}
        onKeyDown={(event) => event.key === "Enter" && keep(text)}
      />
      <span className="dim numbers">
        px
        {unit !== "px" && ` = ${formatQuantity({ value: line.widthPx * unitPerPx, u: null, unit })}`}
      </span>
    </div>
  );
}
