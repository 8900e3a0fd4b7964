import { Button, Modal, Progress } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { CreateExport, Gallery, Job } from "#core/protocol/api/shapes.ts";
import styles from "./dialog.module.css";

/** What each format keeps and loses, said before the download; the archive counts it in its manifest. */
const formats: readonly {
  readonly id: CreateExport["format"];
  readonly title: string;
  readonly keeps: string;
  readonly loses: string;
}[] = [
  {
    id: "coco",
    title: "COCO",
    keeps: "Regions as polygons, as RLE where they have holes; classes as categories.",
    loses: "Interface traces, lines and points, attributes, calibration and authors are left out.",
  },
  {
    id: "lamella-json",
    title: "Lamella JSON",
    keeps: "Every mark as it is, with its class, origin and calibration. Imports again without loss.",
    loses: "Nothing of the marks; pixels are not included.",
  },
  {
    id: "measurements-csv",
    title: "Measurements (CSV)",
    keeps: "Every number with its unit, uncertainty and method, for a spreadsheet.",
    loses: "Outlines are left out.",
  },
];

export default function ExportDialog({ gallery, close }: { readonly gallery: Gallery; readonly close: () => void }) {
  const [format, setFormat] = useState<CreateExport["format"]>("coco");
  const [started, setStarted] = useState<Job | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const running = useResource(
    started && `job ${started.id}`,
    () => endpoints.job(started!.id),
    (job) => (job && (job.status === "done" || job.status === "failed") ? null : 700),
  );
  const job = running.value ?? started;
  const start = async () => {
    setFailure(null);
    setStarted(null);
    try {
      setStarted(await endpoints.createExport(gallery.project.id, { format }));
    } catch (error) {
      setFailure(sentenceOf(error));
    }
  };
  const working = job !== null && (job.status === "queued" || job.status === "running");
  const count = gallery.micrographs.filter(({ status }) => status === "ready").length;

  return (
    <Modal opened onClose={close} title={`Export “${gallery.project.name}”`} size={520}>
      <p className={styles.lead}>
        Marks and numbers of {count} {count === 1 ? "micrograph" : "micrographs"}. Outside a scope declared complete,
        unmarked pixels are exported as unknown, not as background.
      </p>
      <div role="radiogroup" aria-label="Format">
        {formats.map(({ id, title, keeps, loses }) => (
          <button
            key={id}
            type="button"
            role="radio"
            aria-checked={format === id}
            className={styles.choice}
            disabled={working}
            onClick={() => {
              setFormat(id);
              setStarted(null);
            }}
          >
            <strong>{title}</strong>
            <span>{keeps}</span>
            <span>{loses}</span>
          </button>
        ))}
      </div>
      {working && (
        <Progress value={Math.max(4, job.progress * 100)} size={4} animated={job.status === "queued"} aria-label="Export" />
      )}
      {job?.status === "failed" && <p className={styles.failure}>{job.reason ?? "The export failed."}</p>}
      {failure && <p className={styles.failure}>{failure}</p>}
      <div className={styles.buttons}>
        <Button variant="default" onClick={close}>
          Close
        </Button>
        {job?.status === "done" && job.download ? (
          <Button component="a" href={job.download} download leftSection={<IconDownload size={16} />}>
            Download
          </Button>
        ) : (
          <Button onClick={() => void start()} loading={working} disabled={count === 0}>
            Export
          </Button>
        )}
      </div>
    </Modal>
  );
}
