/** Of a core's time, 0-1, as much as a busy process gets on this machine now: what waits on the clock waits that much longer. */
export function shareOfACore(): number {
  const started = performance.now();
  const before = process.cpuUsage();
  let usedMs = 0;
  while (usedMs < 150) {
    const { user, system } = process.cpuUsage(before);
    usedMs = (user + system) / 1000;
  }
  return Math.min(1, usedMs / (performance.now() - started));
}
