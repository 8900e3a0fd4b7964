import { Button } from "@mantine/core";
import { IconEye } from "@tabler/icons-react";
import { accessEndpoints } from "#client/state/access-endpoints.ts";
import { sentenceOf } from "#client/state/api-client.ts";
import { navigate } from "#client/state/router.ts";
import { toast } from "#client/state/toast-store.ts";
import type { ProjectVisit } from "#core/protocol/api/visits.ts";
import styles from "./visit-banner.module.css";

/** Over everything that an administrator sees of a project without being in it: why, until when, and who knows. */
export default function VisitBanner(props: { readonly projectId: string; readonly visit: ProjectVisit }) {
  const { reason, until } = props.visit;
  // Away first: the rooms behind this page close with the visit.
  const leave = () => {
    navigate("/administration");
    accessEndpoints.endVisit(props.projectId).then(
      () => toast("You have left the project. It is closed to you again."),
      (error) => toast(sentenceOf(error), "danger"),
    );
  };
  return (
    <div className={styles.strip} role="status" aria-label="Your visit">
      <IconEye size={17} />
      <p title={reason}>
        You are here as an administrator: <q>{reason}</q>, until{" "}
        <span className="numbers">
          {new Date(until).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}
        </span>
        ; the owners can see it.
      </p>
      <Button size="compact-sm" variant="default" onClick={leave}>
        Leave
      </Button>
    </div>
  );
}
