import { createWriteStream } from "node:fs";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Job } from "#core/protocol/api/shapes.ts";
import { ConfigError } from "../config-error.ts";
import { here, openProject } from "./project-client.ts";

const usage = "Usage: lamella export --project NAME --format ID --out PATH.zip [--data DIR | --server URL]";
const pollMs = 200;

/** `lamella export`: a project's dataset as one archive. */
export async function runExport(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      ...{ project: { type: "string" }, format: { type: "string" }, out: { type: "string" } },
      ...{ data: { type: "string" }, server: { type: "string" } },
    },
  });
  const { project, format, out } = values;
  if (!project || !format || !out) throw new ConfigError("usage", usage);
  const client = await openProject(project, values);
  try {
    const ordered = await client.call("POST", `/projects/${client.projectId}/exports`, { format });
    let job = (await ordered.json()) as Job;
    while (job.status === "queued" || job.status === "running") {
      await wait(pollMs);
      job = (await (await client.call("GET", `/jobs/${job.id}`)).json()) as Job;
    }
    if (job.status === "failed") throw new ConfigError("usage", job.reason ?? "The export failed.");
    const archive = await client.call("GET", `/jobs/${job.id}/download`);
    const path = resolve(here(), out);
    await pipeline(Readable.fromWeb(archive.body as never), createWriteStream(path));
    console.log(path);
  } finally {
    await client.close();
  }
}
