import { ActionIcon, Button, Progress, Tooltip } from "@mantine/core";
import { IconCheck, IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { lazyPart } from "#client/parts/lazy-part.tsx";
import { type Upload, useUploadStore } from "#client/state/upload-store.ts";
import type { Gallery, Source } from "#core/protocol/api/shapes.ts";
import styles from "./arrivals.module.css";
import { readableBytes } from "./readable-length.ts";
import { RefusedFile } from "./refused-file.tsx";

const AttachDialog = lazyPart(() => import("./attach-dialog.tsx"));

/** Files on their way into the project: being sent, being read, or refused with the reason. Nothing vanishes silently. */
export function Arrivals(props: {
  readonly uploads: readonly Upload[];
  readonly sources: readonly Source[];
  /** To offer the records that a file without a picture belongs to; null: whoever looks may not add. */
  readonly attachTo?: Gallery | null;
  readonly changed?: () => Promise<void>;
}) {
  const { uploads, sources, attachTo = null } = props;
  const [attaching, setAttaching] = useState<Source | null>(null);
  const clear = useUploadStore((state) => state.clear);
  // Once sent, the server's own entry for the file takes over.
  const shown = uploads.filter(({ phase }) => phase !== "done");
  const sent = uploads.length - shown.length;
  if (shown.length === 0 && sources.length === 0) return null;
  const bytes = uploads.reduce((sum, upload) => sum + upload.bytes, 0);
  const gone = uploads.reduce((sum, upload) => sum + upload.sent, 0);
  return (
    <section className={styles.arrivals} aria-label="Files on their way">
      {shown.length > 0 && (
        <header className={styles.head}>
          <strong>
            Uploading {uploads.length} {uploads.length === 1 ? "file" : "files"}
          </strong>
          <span className="dim numbers">
            {sent} sent · {readableBytes(gone)} of {readableBytes(bytes)}
          </span>
          {shown.some(({ phase }) => phase === "failed") && (
            <Button size="compact-xs" variant="default" onClick={clear}>
              Clear failed
            </Button>
          )}
        </header>
      )}
      <ul>
        {shown.slice(0, 50).map((upload) => (
          <UploadRow key={upload.id} upload={upload} />
        ))}
        {sources.map((source) => (
          <li key={source.id} className={styles.row}>
            <span className={`${styles.name} ellipsis`} title={source.fileName}>
              {source.fileName}
            </span>
            {source.status === "failed" ? (
              <RefusedFile
                source={source}
                attach={attachTo && (() => setAttaching(source))}
                changed={() => void props.changed?.()}
              />
            ) : (
              <>
                <Progress className={styles.bar ?? ""} value={source.progress * 100} size={4} animated />
                <span className={`${styles.state} numbers`}>
                  {source.status === "queued" ? "waiting" : `reading ${Math.round(source.progress * 100)} %`}
                </span>
              </>
            )}
          </li>
        ))}
      </ul>
      {attaching && attachTo && (
        <AttachDialog
          source={attaching}
          gallery={attachTo}
          close={() => setAttaching(null)}
          attached={() => void props.changed?.()}
        />
      )}
    </section>
  );
}

function UploadRow({ upload }: { readonly upload: Upload }) {
  const retry = useUploadStore((state) => state.retry);
  const percent = upload.bytes > 0 ? (100 * upload.sent) / upload.bytes : 0;
  return (
    <li className={styles.row}>
      <span className={`${styles.name} ellipsis`} title={upload.path}>
        {upload.path}
      </span>
      {upload.phase === "failed" ? (
        <>
          <span className={styles.reason}>{upload.reason}</span>
          <Tooltip label="Try again">
            <ActionIcon size="sm" aria-label={`Try ${upload.path} again`} onClick={() => retry(upload.id)}>
              <IconRefresh size={14} />
            </ActionIcon>
          </Tooltip>
        </>
      ) : (
        <>
          <Progress
            className={styles.bar ?? ""}
            value={percent}
            size={4}
            color={upload.phase === "stalled" ? "yellow" : "accent"}
            aria-label={`${upload.path} sent`}
          />
          <span className={`${styles.state} numbers`}>
            {upload.phase === "stalled" ? (
              "connection lost, goes on by itself"
            ) : upload.phase === "waiting" ? (
              "waiting"
            ) : percent >= 100 ? (
              <IconCheck size={14} />
            ) : (
              `${Math.floor(percent)} %`
            )}
          </span>
        </>
      )}
    </li>
  );
}
