import { openHouse, owner } from "./house.ts";

// A process to be killed: takes one file in, says how far its pyramid is, and never ends by itself.
const [folder, file] = process.argv.slice(2) as [string, string];
const house = await openHouse(folder);
house.ingest.jobs.onChange(({ job, progress }) => {
  console.log(JSON.stringify({ progress: job.status === "failed" ? 1 : progress }));
});
await house.ingest.start();
const { sourceId } = await house.ingest.ingestFile(file, owner);
console.log(JSON.stringify({ sourceId }));
