import { Progress } from "@mantine/core";
import { IconAlertCircle, IconPhoto } from "@tabler/icons-react";
import { Link } from "#client/pages/link.tsx";
import { addressOfMicrograph } from "#client/state/router.ts";
import type { Gallery, Micrograph } from "#core/protocol/api/shapes.ts";
import type { AnnotationClass } from "#core/schema/annotation-class.ts";
import { CalibrationBadge } from "./calibration-badge.tsx";
import { ClassSwatch } from "./class-swatch.tsx";
import styles from "./micrograph-card.module.css";
import { fieldOfView } from "./readable-length.ts";

/** One micrograph in the gallery: what it shows, how large that is, and whether its scale can be trusted. */
export function MicrographCard(props: {
  readonly micrograph: Micrograph;
  /** By class; undefined: not counted yet. */
  readonly marks?: Gallery["marks"][string] | undefined;
  readonly classes: Gallery["classes"];
  /** The original was left in place and is not there as it was. */
  readonly originalAway?: "changed" | "missing" | undefined;
  /** Other files of the same picture that this card stands for. */
  readonly alsoSavedAs?: readonly { readonly micrographId: string; readonly fileName: string }[];
  /** Tags of the file that hold what was searched for. */
  readonly foundInTags?: readonly { readonly path: string; readonly value: string }[] | undefined;
}) {
  const { micrograph, marks, classes, originalAway, alsoSavedAs = [], foundInTags = [] } = props;
  const { status } = micrograph;
  const title = micrograph.state?.label ?? micrograph.name;
  return (
    <article className={styles.card} data-status={status}>
      <Link
        href={addressOfMicrograph(micrograph.id)}
        className={styles.main}
        aria-disabled={status === "failed"}
        onClick={(event) => status === "failed" && event.preventDefault()}
      >
        <div className={styles.picture}>
          {micrograph.thumbnail ? (
            <img src={micrograph.thumbnail} alt="" loading="lazy" />
          ) : status === "failed" ? (
            <IconAlertCircle size={28} stroke={1.4} color="var(--danger)" />
          ) : (
            <IconPhoto size={28} stroke={1.2} />
          )}
          {micrograph.content !== "image" && <span className={styles.content}>{micrograph.content}</span>}
          {micrograph.frames > 1 && <span className={styles.frames}>{micrograph.frames} frames</span>}
        </div>
        <div className={styles.caption}>
          <div className={`${styles.name} ellipsis`} title={micrograph.name}>
            {title}
          </div>
          {title !== micrograph.name && (
            <div className="dim small ellipsis" title={micrograph.name}>
              {micrograph.name}
            </div>
          )}
          {originalAway && (
            <div className={styles.away}>
              {originalAway === "missing" ? "the original is missing" : "the original has changed"}
            </div>
          )}
          {status === "failed" && (
            <div className={styles.reason}>{micrograph.reason ?? "It could not be read."}</div>
          )}
          {(status === "queued" || status === "running") && (
            <div className={styles.progress}>
              <Progress value={micrograph.progress * 100} size={3} aria-label="Preparing" />
              <span className="dim small numbers">
                {status === "queued"
                  ? "waiting to be prepared"
                  : `preparing ${Math.round(micrograph.progress * 100)} %`}
              </span>
            </div>
          )}
          {status === "ready" && (
            <>
              <div className={`${styles.facts} numbers`}>
                <span>{fieldOfView(micrograph)}</span>
                <CalibrationBadge calibration={micrograph.calibration} />
              </div>
              <div className="dim small numbers ellipsis">
                {/* Without a scale the field of view says it already. */}
                {micrograph.calibration.state === "calibrated" &&
                  `${micrograph.width} × ${micrograph.height} px · `}
                {micrograph.dtype}
                {micrograph.signals.length > 1 && ` · ${micrograph.signals.length} signals`}
                {micrograph.flags.lossy && " · lossy"}
                {micrograph.flags.depthReduced && " · depth reduced"}
                {micrograph.flags.screenshot && " · screenshot"}
              </div>
              {marks && marks.length > 0 && <MarksByClass marks={marks} classes={classes} />}
            </>
          )}
        </div>
      </Link>
      {(alsoSavedAs.length > 0 || foundInTags.length > 0) && (
        <div className={styles.below}>
          {alsoSavedAs.length > 0 && (
            <div className={styles.also}>
              also saved as{" "}
              {alsoSavedAs.map(({ micrographId, fileName }) => (
                <Link key={micrographId} href={addressOfMicrograph(micrographId)}>
                  {fileName}
                </Link>
              ))}
            </div>
          )}
          {foundInTags.map(({ path, value }) => (
            <div key={path} className={styles.tag} title={`${path}: ${value}`}>
              <span>{path.split(".").slice(-2).join(".")}</span> {value}
            </div>
          ))}
        </div>
      )}
    </article>
  );
}

/** How much is marked, class by class in the project's order; what has no class comes last. */
function MarksByClass({
  marks,
  classes,
}: Pick<Gallery, "classes"> & { readonly marks: Gallery["marks"][string] }) {
  const place = (classId: string | null) => {
    const at = classes.findIndex(({ id }) => id === classId);
    return at < 0 ? classes.length : at;
  };
  const ordered = [...marks].sort((a, b) => place(a.classId) - place(b.classId));
  return (
    <ul className={`${styles.marks} numbers`} aria-label="Marks">
      {ordered.map(({ classId, count }) => {
        const known = classes.find(({ id }) => id === classId) ?? null;
        const words = `${count} ${count === 1 ? "mark" : "marks"}: ${known?.name ?? "without a class"}`;
        return (
          <li key={classId ?? ""} title={words} aria-label={words}>
            <ClassSwatch annotationClass={known as AnnotationClass | null} size={13} />
            {count}
          </li>
        );
      })}
    </ul>
  );
}
