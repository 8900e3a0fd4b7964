import type { Usage } from "#server/access/catalogue/usage.ts";
import type { Histogram, RoomMetrics } from "#server/sync/metrics.ts";
import type { TileStore } from "#server/tiles/tile-store.ts";
import type { Traffic } from "./traffic.ts";

export interface MetricsPorts {
  readonly rooms: { readonly metrics: RoomMetrics };
  readonly traffic: Traffic;
  readonly usage: Usage;
  readonly tiles: Pick<TileStore, "cache">;
  readonly freeBytes: () => Promise<number>;
}

/** Everything that is counted, in the text format that Prometheus reads. No names, no content. */
export async function metricsText({
  rooms,
  traffic,
  usage,
  tiles,
  freeBytes,
}: MetricsPorts): Promise<string> {
  const out = new MetricsPage();
  roomLines(out, rooms.metrics);
  out.labelled("http_requests_total", "Answers of pages and API by status.", "status", traffic.answers.api);
  out.labelled("tile_requests_total", "Answers of tiles by status.", "status", traffic.answers.tiles);
  out.histogram("http_seconds", "From a request to the end of its answer, tiles apart.", traffic.apiMs);
  out.histogram("tile_seconds", "From a tile's request to the end of its answer.", traffic.tileMs);
  const { cache } = tiles;
  out.plain("tile_cache_bytes", "gauge", "Tiles held in memory.", cache.bytes);
  out.plain("tile_cache_hits_total", "counter", "Tiles answered from memory.", cache.hits);
  out.plain("tile_cache_misses_total", "counter", "Tiles read from the disk.", cache.misses);
  const { bytes, sources, micrographs, jobs } = await usage.totals();
  out.labelled("jobs", "Jobs by state: reading files, tiling, exports.", "state", jobs);
  out.plain("original_bytes", "gauge", "Originals on disk, each counted once.", bytes);
  out.plain("sources", "gauge", "Files that people brought.", sources);
  out.plain("micrographs", "gauge", "Micrographs found in them.", micrographs);
  out.plain("disk_free_bytes", "gauge", "Free space of the data folder's disk.", await freeBytes());
  out.plain("resident_bytes", "gauge", "Resident memory of the process.", process.memoryUsage.rss());
  out.plain("uptime_seconds", "gauge", "Time since the process started.", Math.round(process.uptime()));
  return out.text();
}

function roomLines(out: MetricsPage, rooms: RoomMetrics): void {
  out.plain("rooms", "gauge", "Rooms in memory.", rooms.rooms);
  out.plain("sockets", "gauge", "Open sockets.", rooms.sockets);
  out.plain("people", "gauge", "Different people with an open socket.", rooms.people);
  out.plain("queued_updates", "gauge", "Updates waiting for the disk.", rooms.queued);
  out.plain("committed_updates_total", "counter", "Updates on disk.", rooms.committedUpdates);
  out.plain("committed_bytes_total", "counter", "Bytes of updates on disk.", rooms.committedBytes);
  out.plain("sent_bytes_total", "counter", "Bytes sent to sockets.", rooms.sentBytes);
  out.plain("deliveries_total", "counter", "Updates delivered to sockets.", rooms.deliveries);
  out.plain("refusals_total", "counter", "Refused copies.", rooms.refusals);
  out.plain("cut_readers_total", "counter", "Sockets cut because they did not read.", rooms.cutReaders);
  const dropped = "Presence messages not sent to slow readers.";
  out.plain("dropped_awareness_total", "counter", dropped, rooms.droppedAwareness);
  out.histogram("commit_seconds", "From handing a group to the log until it is on disk.", rooms.commitMs);
  out.histogram("echo_seconds", "From receiving an update until it was written to the others.", rooms.echoMs);
}

class MetricsPage {
  readonly #lines: string[] = [];

  plain(name: string, type: "gauge" | "counter", help: string, value: number): void {
    this.#head(name, type, help);
    this.#lines.push(`lamella_${name} ${value}`);
  }

  /** A gauge, or a counter where the name says "total". */
  labelled(name: string, help: string, label: string, values: ReadonlyMap<string, number>): void {
    this.#head(name, name.endsWith("_total") ? "counter" : "gauge", help);
    for (const [key, value] of values) this.#lines.push(`lamella_${name}{${label}="${key}"} ${value}`);
  }

  /** @param values in milliseconds; Prometheus counts in seconds */
  histogram(name: string, help: string, values: Histogram): void {
    this.#head(name, "histogram", help);
    let below = 0;
    for (const [i, count] of values.counts.entries()) {
      below += count;
      const bound = values.bounds[i];
      const le = bound === undefined ? "+Inf" : bound / 1000;
      this.#lines.push(`lamella_${name}_bucket{le="${le}"} ${below}`);
    }
    this.#lines.push(`lamella_${name}_sum ${values.sum / 1000}`, `lamella_${name}_count ${values.count}`);
  }

  text(): string {
    return `${this.#lines.join("\n")}\n`;
  }

  #head(name: string, type: string, help: string): void {
    this.#lines.push(`# HELP lamella_${name} ${help}`, `# TYPE lamella_${name} ${type}`);
  }
}
