// Holds a store until it is killed: the other process of a test.
import { openEmbeddedStore } from "#server/storage/embedded/embedded-store.ts";

await openEmbeddedStore({ dataDir: process.argv[2]!, migrations: [] });
process.send!("held");
setInterval(() => {}, 60_000);
