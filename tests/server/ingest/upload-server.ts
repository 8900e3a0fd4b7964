import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createUploads } from "#server/ingest/uploads.ts";
import { openHouse, owner } from "./house.ts";

// A process to be killed: takes resumable uploads, says where, and never ends by itself.
const [folder] = process.argv.slice(2) as [string];
const house = await openHouse(folder);
await house.ingest.start();
const uploads = createUploads(house.ingest);
await uploads.resume();
const server = createServer((request, response) => void uploads.handle(request, response, owner.principalId));
server.listen(0, "127.0.0.1", () => {
  console.log((server.address() as AddressInfo).port);
});
