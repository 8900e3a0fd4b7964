import { openBenchHouse, owner } from "./bench-house.ts";

/** What one file cost a process that does nothing else: its last line of output, as JSON. */
export interface IngestCost {
  readonly seconds: number;
  readonly cpuS: number;
  readonly peakMiB: number;
  /** Address of the derivation, for whoever looks at its files. */
  readonly derivation: string;
}

const [path, dataDir] = process.argv.slice(2) as [string, string];
const house = await openBenchHouse(dataDir);
const started = performance.now();
const { sourceId } = await house.ingest.ingestFile(path, owner);
const status = await house.ingest.settled(sourceId);
const seconds = (performance.now() - started) / 1000;
const [micrograph] = await house.ingest.catalogue.listMicrographs(owner.projectId);
await house.close();
if (status !== "ready")
  throw new Error(`Expected ${path} to become ready, got ${status}: ${micrograph?.reason}`);
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const cost: IngestCost = {
  seconds,
  cpuS: (userCPUTime + systemCPUTime) / 1e6,
  peakMiB: maxRSS / 1024,
  derivation: micrograph!.signals[0]!.derivation!,
};
console.log(JSON.stringify(cost));
process.exit(0);
