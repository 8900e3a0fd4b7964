/** What the server says of itself: whether edits reach its disk, and the figures an administrator looks at first. */
export interface ServerHealth {
  readonly status: "ready" | "stopping" | "not-writable" | "silent";
  readonly reasons: readonly string[];
  /** By name without the prefix `lamella_`; of a figure with labels, the sum. */
  readonly figures: ReadonlyMap<string, number>;
}

export async function askHealth(): Promise<ServerHealth> {
  const [readiness, metrics] = await Promise.all([
    fetch("/readyz").then((answer) => answer.json() as Promise<Pick<ServerHealth, "status" | "reasons">>),
    fetch("/metrics").then((answer) => (answer.ok ? answer.text() : "")),
  ]).catch(() => [{ status: "silent", reasons: [] } as const, ""] as const);
  return { ...readiness, figures: readFigures(metrics) };
}

/** Prometheus' text format, as far as it is counted here: histograms by their sum and count. */
export function readFigures(text: string): ReadonlyMap<string, number> {
  const figures = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, name, value] = /^lamella_([a-z_]+)(?:\{[^}]*\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined || name.endsWith("_bucket") || !Number.isFinite(Number(value))) continue;
    figures.set(name, (figures.get(name) ?? 0) + Number(value));
  }
  return figures;
}

/** Mean of a histogram in ms, or null where nothing was counted yet. */
export function meanMs(figures: ServerHealth["figures"], name: string): number | null {
  const count = figures.get(`${name}_count`) ?? 0;
  return count === 0 ? null : ((figures.get(`${name}_sum`) ?? 0) / count) * 1000;
}
