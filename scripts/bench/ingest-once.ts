import { takenByFamily, watchMemory } from "../process-tree.ts";
import { openBenchHouse, owner } from "./bench-house.ts";

/** What one file cost a process that does nothing else: its last line of output, as JSON. */
export interface IngestCost {
  readonly seconds: number;
  /** With the processes that read for it. */
  readonly cpuS: number;
  readonly peakMiB: number;
  /** Address of the derivation, for whoever looks at its files. */
  readonly derivation: string;
}

const [path, dataDir] = process.argv.slice(2) as [string, string];
const house = await openBenchHouse(dataDir);
const peakBytes = watchMemory(20);
const started = performance.now();
const { sourceId } = await house.ingest.ingestFile(path, owner);
const status = await house.ingest.settled(sourceId);
const seconds = (performance.now() - started) / 1000;
const [micrograph] = await house.ingest.catalogue.listMicrographs(owner.projectId);
const peakMiB = peakBytes() / 2 ** 20;
await house.close();
if (status !== "ready")
  throw new Error(`Expected ${path} to become ready, got ${status}: ${micrograph?.reason}`);
const cost: IngestCost = {
  seconds,
  cpuS: takenByFamily().cpuS,
  peakMiB,
  derivation: micrograph!.signals[0]!.derivation!,
};
console.log(JSON.stringify(cost));
process.exit(0);
