import { readFileSync } from "node:fs";

/** Version of this Lamella, as package.json has it. */
export const lamellaVersion = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;
