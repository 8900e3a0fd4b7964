import { Button, Skeleton } from "@mantine/core";
import { useState } from "react";
import { accessEndpoints } from "#client/state/access-endpoints.ts";
import { sentenceOf } from "#client/state/api-client.ts";
import { toast } from "#client/state/toast-store.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { BinnedFile } from "#core/protocol/api/bin.ts";
import { type Role, roleAllows } from "#core/protocol/roles.ts";
import { ConfirmDialog } from "./access-confirm.tsx";
import styles from "./access-rows.module.css";
import { BinDates } from "./bin-dates.tsx";
import { readableBytes } from "./readable-length.ts";

/** Files that were deleted from the project: brought back with their marks, or erased for good by an owner. */
export function ProjectSettingsBin(props: {
  readonly projectId: string;
  readonly manages: boolean;
  readonly role: Role;
}) {
  const { projectId } = props;
  const files = useResource(`bin ${projectId}`, () => accessEndpoints.binnedFiles(projectId));
  const [erasing, setErasing] = useState<BinnedFile | null>(null);
  const restore = (file: BinnedFile) =>
    accessEndpoints.restoreFile(projectId, file.id).then(
      () => {
        toast(`“${file.fileName}” is back.`, "good");
        return files.refetch();
      },
      (error) => toast(sentenceOf(error), "danger"),
    );
  if (files.loading) return <Skeleton height={48} radius={8} />;
  if (!files.value) return <p className={styles.failure}>{files.error && sentenceOf(files.error)}</p>;
  if (files.value.length === 0) return <p className={styles.empty}>The bin is empty.</p>;
  return (
    <>
      <ul className={styles.rows} aria-label="Deleted files">
        {files.value.map((file) => (
          <li key={file.id}>
            <div className={styles.words}>
              <strong>{file.fileName}</strong>
              <span className="dim small numbers">
                {readableBytes(file.bytes)} · <BinDates binned={file} />
              </span>
            </div>
            {roleAllows(props.role, "annotate") && (
              <Button size="compact-sm" variant="default" onClick={() => void restore(file)}>
                Restore
              </Button>
            )}
            {props.manages && (
              <Button size="compact-sm" variant="subtle" c="var(--danger)" onClick={() => setErasing(file)}>
                Erase now
              </Button>
            )}
          </li>
        ))}
      </ul>
      {erasing && (
        <ConfirmDialog
          title={`Erase “${erasing.fileName}”?`}
          label="Erase for good"
          close={() => setErasing(null)}
          run={async () => {
            await accessEndpoints.eraseFile(projectId, erasing.id);
            await files.refetch();
          }}
        >
          The file, its micrographs and their marks are gone, for everybody, and cannot be brought back. That
          it existed stays on record: its SHA-256, who deleted it and when.
        </ConfirmDialog>
      )}
    </>
  );
}
