import { IconDownload } from "@tabler/icons-react";
import { Link } from "#client/pages/link.tsx";
import { endpoints } from "#client/state/endpoints.ts";
import { addressOfMicrograph } from "#client/state/router.ts";
import { useResource } from "#client/state/use-resource.ts";
import panel from "./panel.module.css";
import styles from "./same-grid.module.css";
import { useRight, useWorkspace } from "./workspace-context.ts";

/** Files of one acquisition: those that are signals here, and those that have marks of their own. Nothing for all other files. */
export default function SameGrid() {
  const { micrograph } = useWorkspace();
  const download = useRight("download-originals");
  const key = `same grid ${micrograph.id} ${micrograph.signals.length}`;
  const found = useResource(key, () => endpoints.sameGrid(micrograph.id)).value;
  const { together = [], document = null, others = [] } = found ?? {};
  const files = [...together, ...(document ? [{ title: "Document", ...document }] : [])];
  return (
    <>
      {together.length > 1 && (
        <section className={panel.section}>
          <h3 className={panel.heading}>Recorded together</h3>
          <ul className={styles.files}>
            {files.map(({ title, sourceId, fileName }) => (
              <li key={sourceId}>
                <b>{title}</b>
                <span className="ellipsis" title={fileName}>
                  {fileName}
                </span>
                {download.allowed && (
                  <a
                    href={`/api/v1/sources/${sourceId}/original`}
                    download
                    aria-label={`Download ${fileName}`}
                  >
                    <IconDownload size={15} />
                  </a>
                )}
              </li>
            ))}
          </ul>
          <p className="dim small">Signals on one pixel grid, with the same marks and calibration.</p>
        </section>
      )}
      {others.length > 0 && (
        <section className={panel.section}>
          <h3 className={panel.heading}>On the same pixel grid</h3>
          <ul className={styles.files}>
            {others.map(({ micrographId, name }) => (
              <li key={micrographId}>
                <Link href={addressOfMicrograph(micrographId)}>{name}</Link>
              </li>
            ))}
          </ul>
          <p className="dim small">
            Series of one document, {others[0]!.document}. Each keeps marks of its own.
          </p>
        </section>
      )}
    </>
  );
}
