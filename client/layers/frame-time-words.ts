/** "12.4 s", "3 min 05 s": time of a frame since the first one; "" where the file does not say. */
export function frameTimeWords(timesS: readonly number[] | null, frame: number): string {
  const [first, time] = [timesS?.[0], timesS?.[frame]];
  if (first === undefined || time === undefined) return "";
  const seconds = time - first;
  if (seconds < 100) return `${Number(seconds.toPrecision(3))} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}
