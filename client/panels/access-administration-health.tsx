import { askHealth, meanMs, type ServerHealth } from "#client/state/server-health.ts";
import { useResource } from "#client/state/use-resource.ts";
import styles from "./access-rows.module.css";
import { readableBytes, threeDigits } from "./readable-length.ts";

const refreshMs = 5000;

const words = {
  ready: "Running. Edits reach the disk.",
  stopping: "Stopping.",
  "not-writable": "Edits cannot be written. People keep what they draw in their browsers.",
  silent: "The server does not answer.",
} as const satisfies Record<ServerHealth["status"], string>;

/** The server's own word on itself, every few seconds. */
export function AdministrationHealth() {
  const { value } = useResource("health", askHealth, refreshMs);
  if (!value) return null;
  const tone = value.status !== "ready" ? "danger" : value.reasons.length > 0 ? "warning" : "good";
  return (
    <>
      <div className={styles.health} data-tone={tone} role="status">
        <i />
        <strong>{words[value.status]}</strong>
      </div>
      {value.reasons.map((reason) => (
        <p key={reason} className={styles.failure}>
          {reason}
        </p>
      ))}
      {value.figures.size > 0 && (
        <dl className={`${styles.figures} numbers`}>
          {figuresOf(value.figures).map(([label, text]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}

function figuresOf(figures: ServerHealth["figures"]): readonly (readonly [string, string])[] {
  const count = (name: string) => String(figures.get(name) ?? 0);
  const bytes = (name: string) => readableBytes(figures.get(name) ?? 0);
  const commitMs = meanMs(figures, "commit_seconds");
  return [
    ["People online", count("people")],
    ["Open connections", count("sockets")],
    ["Rooms in memory", count("rooms")],
    ["Edit to disk, mean", commitMs === null ? "–" : `${threeDigits(commitMs)} ms`],
    ["Waiting for the disk", count("queued_updates")],
    ["Free on the disk", bytes("disk_free_bytes")],
    ["Originals", bytes("original_bytes")],
    ["Micrographs", count("micrographs")],
    ["Memory in use", bytes("resident_bytes")],
    ["Running for", duration(figures.get("uptime_seconds") ?? 0)],
  ];
}

function duration(seconds: number): string {
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
