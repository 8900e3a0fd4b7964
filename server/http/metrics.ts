import type { Histogram, RoomMetrics } from "#server/sync/metrics.ts";

/** Counters of the room server and the process in the text format that Prometheus reads. No names, no content. */
export function metricsText(rooms: RoomMetrics): string {
  const lines: string[] = [];
  const plain = (name: string, type: "gauge" | "counter", help: string, value: number) =>
    lines.push(
      `# HELP lamella_${name} ${help}`,
      `# TYPE lamella_${name} ${type}`,
      `lamella_${name} ${value}`,
    );
  plain("rooms", "gauge", "Rooms in memory.", rooms.rooms);
  plain("sockets", "gauge", "Open sockets.", rooms.sockets);
  plain("people", "gauge", "Different people with an open socket.", rooms.people);
  plain("queued_updates", "gauge", "Updates waiting for the disk.", rooms.queued);
  plain("committed_updates_total", "counter", "Updates on disk.", rooms.committedUpdates);
  plain("committed_bytes_total", "counter", "Bytes of updates on disk.", rooms.committedBytes);
  plain("sent_bytes_total", "counter", "Bytes sent to sockets.", rooms.sentBytes);
  plain("deliveries_total", "counter", "Updates delivered to sockets.", rooms.deliveries);
  plain("refusals_total", "counter", "Refused copies.", rooms.refusals);
  plain("cut_readers_total", "counter", "Sockets cut because they did not read.", rooms.cutReaders);
  plain(
    "dropped_awareness_total",
    "counter",
    "Presence messages not sent to slow readers.",
    rooms.droppedAwareness,
  );
  histogram(lines, "commit_seconds", "From handing a group to the log until it is on disk.", rooms.commitMs);
  histogram(
    lines,
    "echo_seconds",
    "From receiving an update until it was written to the others.",
    rooms.echoMs,
  );
  plain("resident_bytes", "gauge", "Resident memory of the process.", process.memoryUsage.rss());
  plain("uptime_seconds", "gauge", "Time since the process started.", Math.round(process.uptime()));
  return `${lines.join("\n")}\n`;
}

function histogram(lines: string[], name: string, help: string, values: Histogram): void {
  lines.push(`# HELP lamella_${name} ${help}`, `# TYPE lamella_${name} histogram`);
  let below = 0;
  for (const [i, count] of values.counts.entries()) {
    below += count;
    const bound = values.bounds[i];
    lines.push(`lamella_${name}_bucket{le="${bound === undefined ? "+Inf" : bound / 1000}"} ${below}`);
  }
  lines.push(`lamella_${name}_sum ${values.sum / 1000}`, `lamella_${name}_count ${values.count}`);
}
