import { readdirSync, readFileSync } from "node:fs";

export interface ProcessUse {
  /** Time on a core, all threads. */
  readonly cpuS: number;
  readonly rssBytes: number;
}

/** Of /proc on every Linux that Node runs on. */
const ticksPerS = 100;
const pageBytes = 4096;
const hasProc = process.platform === "linux";

/** Fields of /proc/PID/stat behind the name, which may hold blanks; the first is the state. Empty once it is gone. */
function statOf(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

const numberAt = (stat: readonly string[], at: number) => Number(stat[at] ?? 0);

/** Processes that a process has started and that still run; none where there is no /proc. */
export function childrenOf(pid = process.pid): readonly number[] {
  if (!hasProc) return [];
  const all = readdirSync("/proc").map(Number);
  return all.filter((each) => each > 0 && numberAt(statOf(each), 1) === pid);
}

/** CPU time of a process since it was started. */
export function cpuOfProcess(pid: number): number {
  const stat = statOf(pid);
  return (numberAt(stat, 11) + numberAt(stat, 12)) / ticksPerS;
}

/** What this process, its children and those that were waited for have used so far; without /proc of this process alone. */
export function takenByFamily(): ProcessUse {
  const { user, system } = process.cpuUsage();
  const own = { cpuS: (user + system) / 1e6, rssBytes: process.memoryUsage.rss() };
  if (!hasProc) return own;
  const children = childrenOf();
  const gone = statOf(process.pid);
  return {
    cpuS:
      own.cpuS +
      (numberAt(gone, 13) + numberAt(gone, 14)) / ticksPerS +
      children.reduce((sum, pid) => sum + cpuOfProcess(pid), 0),
    rssBytes: own.rssBytes + children.reduce((sum, pid) => sum + numberAt(statOf(pid), 21) * pageBytes, 0),
  };
}

/** Watches the memory of this process and its children. @returns asks for the most it has seen since */
export function watchMemory(everyMs: number): () => number {
  let peakBytes = takenByFamily().rssBytes;
  const look = () => {
    peakBytes = Math.max(peakBytes, takenByFamily().rssBytes);
  };
  const watch = setInterval(look, everyMs);
  return () => {
    look();
    clearInterval(watch);
    return peakBytes;
  };
}
