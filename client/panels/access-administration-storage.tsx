import { Button, Modal, Skeleton, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { accessEndpoints } from "#client/state/access-endpoints.ts";
import { sentenceOf } from "#client/state/api-client.ts";
import { usePersonStore } from "#client/state/person-store.ts";
import { addressOfProject, navigate } from "#client/state/router.ts";
import { useAttempt } from "#client/state/use-attempt.ts";
import type { Resource } from "#client/state/use-resource.ts";
import type { ProjectUsage } from "#core/protocol/api/people.ts";
import own from "./access-administration.module.css";
import styles from "./access-rows.module.css";
import dialog from "./dialog.module.css";
import { readableBytes } from "./readable-length.ts";

const shortestReason = 10;

/** How much each project takes up, and whose it is; looking into one takes a reason that its members read. */
export function AdministrationStorage(props: {
  readonly usage: Resource<{ readonly projects: readonly ProjectUsage[] }>;
}) {
  const { usage } = props;
  const me = usePersonStore((state) => state.principal?.name);
  const [visiting, setVisiting] = useState<ProjectUsage | null>(null);
  if (usage.loading) return <Skeleton height={96} radius={8} />;
  if (!usage.value) return <p className={styles.failure}>{usage.error && sentenceOf(usage.error)}</p>;
  if (usage.value.projects.length === 0) return <p className={styles.empty}>There is no project yet.</p>;
  return (
    <>
      <div className={styles.scroll}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th>Project of</th>
              <th>Made</th>
              <th className={styles.right}>Micrographs</th>
              <th className={styles.right}>Originals</th>
              <th aria-label="Look in" />
            </tr>
          </thead>
          <tbody>
            {usage.value.projects.map((project) => (
              <tr key={project.id}>
                <td>
                  {project.ownerName}
                  {project.deletedAt !== null && <span className="dim small"> · in the bin</span>}
                </td>
                <td className="numbers">
                  {new Date(project.createdAt).toLocaleDateString(undefined, { dateStyle: "medium" })}
                </td>
                <td className={`${styles.right} numbers`}>{project.micrographs}</td>
                <td className={`${styles.right} numbers`}>{readableBytes(project.bytes)}</td>
                <td>
                  {project.ownerName !== me && (
                    <Button
                      size="compact-sm"
                      variant="default"
                      disabled={project.deletedAt !== null}
                      onClick={() => setVisiting(project)}
                    >
                      Look in …
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {visiting && <Visit project={visiting} close={() => setVisiting(null)} />}
    </>
  );
}

function Visit({ project, close }: { readonly project: ProjectUsage; readonly close: () => void }) {
  const [reason, setReason] = useState("");
  const attempt = useAttempt();
  const enough = reason.trim().length >= shortestReason;
  const look = async (event: FormEvent) => {
    event.preventDefault();
    const done = await attempt.run(() => accessEndpoints.visit(project.id, reason.trim()));
    if (done) navigate(addressOfProject(project.id));
  };
  return (
    <Modal opened onClose={close} title={`Look into a project of ${project.ownerName}`}>
      <form onSubmit={look}>
        <p className={dialog.lead}>
          You can read it for an hour, and nothing more.{" "}
          <strong>Every member sees your name, the time and the reason you give here,</strong> for as long as
          the project exists.
        </p>
        <Textarea
          className={own.visit ?? ""}
          label="Reason"
          description="A sentence that its members would accept."
          placeholder="Its owner left and asked me to find the raw files of wire 3."
          autosize={false}
          rows={3}
          maxLength={500}
          value={reason}
          error={attempt.failure}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
        <div className={dialog.buttons}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={attempt.busy} disabled={!enough}>
            Write the reason and look in
          </Button>
        </div>
      </form>
    </Modal>
  );
}
