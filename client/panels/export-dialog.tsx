import { Button, Modal, Progress } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { useResource } from "#client/state/use-resource.ts";
import { exporters } from "#core/export/exporters.ts";
import type { CreateExport, Gallery, Job } from "#core/protocol/api/shapes.ts";
import styles from "./dialog.module.css";

/** What each format is for; what it cannot carry is its exporter's own words. */
const purposes: Readonly<Record<string, string>> = {
  coco: "For training: regions as polygons and masks, classes as categories, pictures as PNG.",
  "lamella-json": "Everything, to keep or to move to another project.",
  "measurements-csv": "Every number with its unit, uncertainty and method, for a spreadsheet.",
};

export default function ExportDialog({
  gallery,
  close,
}: {
  readonly gallery: Gallery;
  readonly close: () => void;
}) {
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
        Marks and numbers of {count} {count === 1 ? "micrograph" : "micrographs"}. Outside a scope declared
        complete, unmarked pixels are exported as unknown, not as background.
      </p>
      <fieldset className={styles.choices} disabled={working}>
        <legend className="visually-hidden">Format</legend>
        {exporters.map(({ id, name, losses }) => (
          <label key={id} className={styles.choice}>
            <input
              type="radio"
              name="format"
              className="visually-hidden"
              checked={format === id}
              onChange={() => {
                setFormat(id as CreateExport["format"]);
                setStarted(null);
              }}
            />
            <strong>{name}</strong>
            {purposes[id] && <span>{purposes[id]}</span>}
            <ul>
              {losses.map((loss) => (
                <li key={loss}>{loss}</li>
              ))}
            </ul>
          </label>
        ))}
      </fieldset>
      {working && (
        <Progress
          value={Math.max(4, job.progress * 100)}
          size={4}
          animated={job.status === "queued"}
          aria-label="Export"
        />
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
