import { Button, Modal, Skeleton } from "@mantine/core";
import { useState } from "react";
import { accessEndpoints } from "#client/state/access-endpoints.ts";
import { sentenceOf } from "#client/state/api-client.ts";
import { toast } from "#client/state/toast-store.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { BinnedProject } from "#core/protocol/api/bin.ts";
import { ConfirmDialog } from "./access-confirm.tsx";
import styles from "./access-rows.module.css";
import { BinDates } from "./bin-dates.tsx";
import dialog from "./dialog.module.css";

/** Projects one deleted, or that were deleted from under one's ownership: for 30 days they can come back. */
export default function ProjectBin(props: {
  readonly close: () => void;
  readonly restored: () => Promise<void>;
}) {
  const bin = useResource("bin", accessEndpoints.binnedProjects);
  const [erasing, setErasing] = useState<BinnedProject | null>(null);
  const restore = (project: BinnedProject) =>
    accessEndpoints.restoreProject(project.id).then(
      async () => {
        toast(`“${project.name}” is back, with everybody in it.`, "good");
        await Promise.all([bin.refetch(), props.restored()]);
      },
      (error) => toast(sentenceOf(error), "danger"),
    );
  if (erasing) {
    return (
      <ConfirmDialog
        title={`Erase “${erasing.name}”?`}
        label="Erase for good"
        keep="Keep it in the bin"
        close={() => setErasing(null)}
        run={async () => {
          await accessEndpoints.eraseProject(erasing.id);
          await bin.refetch();
        }}
      >
        Its files, micrographs, marks and conversations are gone, for everybody, and cannot be brought back.
        That it existed stays on record for the administrator: the files’ SHA-256, who deleted it and when.
      </ConfirmDialog>
    );
  }
  return (
    <Modal opened onClose={props.close} title="Bin" size={640}>
      <p className={dialog.lead}>Deleted projects rest here for 30 days and are then erased.</p>
      {bin.loading && <Skeleton height={48} radius={8} />}
      {bin.error && !bin.value && <p className={styles.failure}>{sentenceOf(bin.error)}</p>}
      {bin.value?.length === 0 && <p className={styles.empty}>The bin is empty.</p>}
      <ul className={styles.rows} aria-label="Deleted projects">
        {bin.value?.map((project) => (
          <li key={project.id}>
            <div className={styles.words}>
              <strong>{project.name}</strong>
              <span className="dim small numbers">
                <BinDates binned={project} />
              </span>
            </div>
            <Button size="compact-sm" variant="default" onClick={() => void restore(project)}>
              Restore
            </Button>
            <Button size="compact-sm" variant="subtle" c="var(--danger)" onClick={() => setErasing(project)}>
              Erase now
            </Button>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
