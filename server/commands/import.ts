import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ConfigError } from "../config-error.ts";
import { here, openProject } from "./project-client.ts";

const usage = "Usage: lamella import FILE… --project NAME [--data DIR | --server URL]";

/** `lamella import`: marks of dataset files onto the micrographs of a project. One JSON line a file. */
export async function runImport(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { project: { type: "string" }, data: { type: "string" }, server: { type: "string" } },
  });
  if (!values.project || positionals.length === 0) throw new ConfigError("usage", usage);
  const client = await openProject(values.project, values);
  try {
    for (const file of positionals) {
      const text = await readFile(resolve(here(), file), "utf8");
      const answer = await client.call("POST", `/projects/${client.projectId}/imports`, {
        fileName: basename(file),
        text,
      });
      console.log(JSON.stringify({ file, ...((await answer.json()) as object) }));
    }
  } finally {
    await client.close();
  }
}
