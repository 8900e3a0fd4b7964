import { Button, Skeleton } from "@mantine/core";
import { IconEye } from "@tabler/icons-react";
import { useState } from "react";
import { accessEndpoints } from "#client/state/access-endpoints.ts";
import { sentenceOf } from "#client/state/api-client.ts";
import { useResource } from "#client/state/use-resource.ts";
import type { ProjectEvent } from "#core/protocol/api/people.ts";
import styles from "./access-rows.module.css";
import { readableTime } from "./readable-length.ts";

const refreshMs = 10_000;
const shownAtFirst = 8;

/** The project's own history, newest first: people, not marks. */
export function ProjectSettingsEvents({ projectId }: { readonly projectId: string }) {
  const events = useResource(`events ${projectId}`, () => accessEndpoints.events(projectId), refreshMs);
  const [all, setAll] = useState(false);
  if (events.loading) return <Skeleton height={80} radius={8} />;
  if (!events.value) return <p className={styles.failure}>{events.error && sentenceOf(events.error)}</p>;
  if (events.value.length === 0)
    return (
      <p className={styles.empty}>Nobody has come, gone or been given another role since it was made.</p>
    );
  const shown = all ? events.value : events.value.slice(0, shownAtFirst);
  return (
    <>
      <ul className={styles.rows} aria-label="Events">
        {shown.map((event, index) => (
          <li
            // Two events can share a moment; the list only grows at its beginning.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            key={`${event.at} ${index}`}
            data-tone={event.kind === "administrator-read" ? "warning" : undefined}
          >
            {event.kind === "administrator-read" && <IconEye size={17} />}
            <div className={styles.event}>
              <EventWords event={event} />
            </div>
            <span className="dim small numbers" title={new Date(event.at).toLocaleString()}>
              {readableTime(event.at)}
            </span>
          </li>
        ))}
      </ul>
      {events.value.length > shown.length && (
        <Button mt={8} size="compact-sm" variant="default" onClick={() => setAll(true)}>
          Show all {events.value.length}
        </Button>
      )}
    </>
  );
}

function EventWords({ event }: { readonly event: ProjectEvent }) {
  const { name, kind } = event;
  const { ofName, toName, role, count, reason, from, to } = event.detail;
  const who = <strong>{name}</strong>;
  const whom = ofName ?? "somebody";
  switch (kind) {
    case "created":
      return <>{who} made the project</>;
    case "binned":
      return <>{who} moved the project to the bin</>;
    case "restored":
      return <>{who} brought the project back from the bin</>;
    case "renamed":
      return (
        <>
          {who} renamed it <strong>{to}</strong>; it was called <q>{from}</q>
        </>
      );
    case "transferred":
      return (
        <>
          {who} gave the project to <strong>{toName ?? "somebody"}</strong>
        </>
      );
    case "member-changed":
      return (
        <>
          {who} made <strong>{whom}</strong> {role ?? "a member"}
        </>
      );
    case "member-left":
      return ofName ? (
        <>
          {who} took <strong>{whom}</strong> out
        </>
      ) : (
        <>{who} left</>
      );
    case "guests-removed":
      return (
        <>
          {who} removed the guests of a link ({count ?? "0"})
        </>
      );
    case "administrator-read":
      return (
        <>
          {who} looked in as administrator, because: <q>{reason ?? "no reason was kept"}</q>
        </>
      );
  }
}
