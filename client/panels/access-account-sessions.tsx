import { Badge, Button, Skeleton } from "@mantine/core";
import { accessEndpoints } from "#client/state/access-endpoints.ts";
import { sentenceOf } from "#client/state/api-client.ts";
import { toast } from "#client/state/toast-store.ts";
import { useResource } from "#client/state/use-resource.ts";
import styles from "./access-rows.module.css";
import { readableTime } from "./readable-length.ts";

const refreshMs = 30_000;

export function AccountSessions() {
  const sessions = useResource("sessions", accessEndpoints.sessions, refreshMs);
  const end = (id: string) =>
    accessEndpoints.endSession(id).then(
      () => {
        toast("Signed out there.", "good");
        return sessions.refetch();
      },
      (error) => toast(sentenceOf(error), "danger"),
    );
  if (sessions.loading) return <Skeleton height={48} radius={8} />;
  if (!sessions.value)
    return <p className={styles.failure}>{sessions.error && sentenceOf(sessions.error)}</p>;
  return (
    <ul className={styles.rows}>
      {[...sessions.value].reverse().map((session) => (
        <li key={session.id}>
          <div className={styles.words}>
            <strong>Signed in {readableTime(session.createdAt)}</strong>
            <span className="dim small numbers">
              {new Date(session.createdAt).toLocaleString(undefined, {
                dateStyle: "medium",
                timeStyle: "short",
              })}{" "}
              · ends {new Date(session.expiresAt).toLocaleDateString(undefined, { dateStyle: "medium" })}
            </span>
          </div>
          {session.current ? (
            <Badge color="accent" variant="light">
              This browser
            </Badge>
          ) : (
            <Button size="compact-sm" variant="default" onClick={() => void end(session.id)}>
              Sign out there
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}
