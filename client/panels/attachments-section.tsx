import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconChartLine, IconDownload, IconPaperclip, IconTrash } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { sentenceOf } from "#client/state/api-client.ts";
import { endpoints } from "#client/state/endpoints.ts";
import { toast } from "#client/state/toast-store.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { AttachmentShape } from "#core/protocol/api/attachments.ts";
import styles from "./attachments-section.module.css";
import panel from "./panel.module.css";
import { readableBytes, readableTime } from "./readable-length.ts";
import { useRight, useWorkspace } from "./workspace-context.ts";

const AttachmentPlot = lazyPart(() => import("./attachment-plot.tsx"));

/** Spectra, tables, structures, papers and notes on this micrograph and on the records it belongs to. */
export default function AttachmentsSection() {
  const { micrograph, project } = useWorkspace();
  const annotate = useRight("annotate");
  const input = useRef<HTMLInputElement>(null);
  const [sending, setSending] = useState(false);
  const all = useResource(`attachments ${project.id}`, () => endpoints.attachments(project.id));
  const places = [
    micrograph.id,
    micrograph.specimenId,
    micrograph.sessionId,
    micrograph.seriesId,
    project.id,
  ];
  const shown = (all.value ?? []).filter(({ on }) => places.includes(on.id));
  /** On this visit: for 30 days they can be put back. */
  const [removed, setRemoved] = useState<readonly AttachmentShape[]>([]);
  const putBack = async (id: string) => {
    try {
      await endpoints.restoreAttachment(project.id, id);
      setRemoved((before) => before.filter((one) => one.id !== id));
    } catch (error) {
      toast(sentenceOf(error), "danger");
    }
    await all.refetch();
  };
  const attach = async (files: FileList | null) => {
    setSending(true);
    try {
      for (const file of files ?? []) await endpoints.attach(project.id, "micrograph", micrograph.id, file);
    } catch (error) {
      toast(sentenceOf(error), "danger");
    }
    setSending(false);
    await all.refetch();
  };
  return (
    <section className={panel.section}>
      <h3 className={panel.heading}>Attachments</h3>
      {all.error && !all.value && <p className="dim small">{sentenceOf(all.error)}</p>}
      {all.value && shown.length === 0 && (
        <p className="dim small">
          Spectra, tables, structures, papers and notes that belong to this micrograph. Two-column data are
          plotted.
        </p>
      )}
      <ul className={styles.list}>
        {shown.map((attachment) => (
          <AttachmentRow
            key={attachment.id}
            attachment={attachment}
            refetch={all.refetch}
            removed={(gone) => setRemoved((before) => [...before, gone])}
          />
        ))}
        {removed.map(({ id, fileName }) => (
          <li key={id} className={styles.row}>
            <span className={`${styles.words} dim small`}>{fileName} is removed.</span>
            <Button size="compact-xs" variant="default" onClick={() => void putBack(id)}>
              Put back
            </Button>
          </li>
        ))}
      </ul>
      {annotate.allowed && (
        <div className={panel.row}>
          <input
            ref={input}
            type="file"
            multiple
            hidden
            aria-label="Files to attach"
            onChange={(event) => {
              void attach(event.currentTarget.files);
              event.currentTarget.value = "";
            }}
          />
          <Button
            size="xs"
            variant="default"
            loading={sending}
            leftSection={<IconPaperclip size={15} />}
            onClick={() => input.current?.click()}
          >
            Attach files
          </Button>
        </div>
      )}
    </section>
  );
}

function AttachmentRow(props: {
  readonly attachment: AttachmentShape;
  readonly refetch: () => Promise<void>;
  readonly removed: (attachment: AttachmentShape) => void;
}) {
  const { attachment, refetch } = props;
  const { micrograph, project } = useWorkspace();
  const annotate = useRight("annotate");
  const download = useRight("download-originals");
  const [plotted, setPlotted] = useState(false);
  const { id, fileName, on } = attachment;
  const remove = async () => {
    try {
      await endpoints.removeAttachment(project.id, id);
      props.removed(attachment);
    } catch (error) {
      toast(sentenceOf(error), "danger");
    }
    await refetch();
  };
  return (
    <li>
      <div className={styles.row}>
        <span className={styles.words}>
          <span className="ellipsis" title={fileName}>
            {fileName}
          </span>
          <span className="dim small numbers">
            {readableBytes(attachment.bytes)} · {readableTime(attachment.addedAt)}
            {on.id !== micrograph.id && ` · of the ${on.type}`}
          </span>
        </span>
        {attachment.plottable && (
          <Tooltip label={plotted ? "Hide the plot" : "Plot"}>
            <ActionIcon
              aria-label={plotted ? `Hide the plot of ${fileName}` : `Plot ${fileName}`}
              aria-expanded={plotted}
              onClick={() => setPlotted(!plotted)}
            >
              <IconChartLine size={16} />
            </ActionIcon>
          </Tooltip>
        )}
        {download.allowed && (
          <Tooltip label="Download">
            <ActionIcon
              component="a"
              href={`/api/v1/projects/${project.id}/attachments/${id}`}
              download
              aria-label={`Download ${fileName}`}
            >
              <IconDownload size={16} />
            </ActionIcon>
          </Tooltip>
        )}
        {annotate.allowed && (
          <Tooltip label="Remove">
            <ActionIcon aria-label={`Remove ${fileName}`} onClick={() => void remove()}>
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
      {plotted && <AttachmentPlot projectId={project.id} attachment={attachment} />}
    </li>
  );
}
