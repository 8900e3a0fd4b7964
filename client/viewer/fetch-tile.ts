/** A frame that nobody has looked at before is derived first; a small one takes a fraction of a second. */
const patienceMs = [120, 200, 300, 400, 600, 800, 1000, 1500, 2000, 3000] as const;

/**
 * A tile, asked for again while the server answers that it is not there yet.
 *
 * @throws Error where it does not come within some ten seconds, or `signal` says stop
 */
export async function fetchTile(url: string, signal: AbortSignal): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const response = await fetch(url, { signal });
    if (response.ok) return response;
    const waitMs = response.status === 404 ? patienceMs[attempt] : undefined;
    if (waitMs === undefined) throw new Error(`Expected a tile, got HTTP status ${response.status}.`);
    await elapsed(waitMs, signal);
  }
}

function elapsed(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        reject(signal.reason);
      },
      { once: true },
    );
  });
}
