import { openAsBlob } from "node:fs";
import { basename, join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Source } from "#core/protocol/api/shapes.ts";
import { createSqlCatalogue } from "#server/access/catalogue/sql-catalogue.ts";
import { createIngest } from "#server/ingest/ingest.ts";
import { hashFile } from "#server/ingest/receive-file.ts";
import { createId } from "#server/ingest/record-id.ts";
import { frameFormat, type StackPlace } from "#server/ingest/stack-parts.ts";
import { openEmbeddedStore } from "#server/storage/embedded/embedded-store.ts";
import { DirectoryBlobStore } from "#server/storage/files/directory-blob-store.ts";
import { StorageError } from "#server/storage/storage-error.ts";
import { storeTables } from "#server/store-tables.ts";

const usage =
  "Usage: lamella ingest FILE… --project NAME [--stack NAME] [--in-place] [--data DIR | --server URL]; " +
  "with --server, LAMELLA_TOKEN holds an API token. --in-place leaves the files where they are and reads them there. " +
  "--stack puts the files together, in their order, as the frames of one stack.";

/** Where files go, and the name or id of a project there. */
interface Destination {
  /** Resolves with the source's id when the file was taken. */
  send(path: string, stack: StackPlace | undefined): Promise<string>;
  source(id: string): Promise<Pick<Source, "id" | "status" | "reason" | "micrographs">>;
  /** Resolves when all work is done that does not go on elsewhere. */
  close(): Promise<void>;
}

/**
 * `lamella ingest FILE… --project NAME`: bring files into a project, which is made where there is none of that name.
 * Prints one JSON line a file. With `--server` through a running server, else into the data folder of a stopped one.
 * Paths are relative to where the command was called.
 */
export async function runIngest(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      project: { type: "string" },
      data: { type: "string" },
      server: { type: "string" },
      "in-place": { type: "boolean" },
      stack: { type: "string" },
    },
  });
  const { project } = values;
  const inPlace = values["in-place"] ?? false;
  if (!project || positionals.length === 0) throw new Error(usage);
  if (inPlace && values.server !== undefined) {
    throw new Error(
      `Expected --in-place without --server: a server reads no paths that a caller names. Run this beside its stopped server, or let it watch the folder: lamella serve --watch DIR --watch-in-place. ${usage}`,
    );
  }
  const here = process.env.INIT_CWD ?? ".";
  const destination = values.server
    ? await throughServer(values.server, process.env.LAMELLA_TOKEN ?? "", project)
    : await intoFolder(resolve(here, values.data ?? process.env.LAMELLA_DATA ?? "data"), project, inPlace);
  try {
    const tell = async (file: string, id: string) => {
      let source = await destination.source(id);
      for (; source.status !== "ready" && source.status !== "failed"; source = await destination.source(id))
        await wait(pollMs);
      const { status, reason, micrographs } = source;
      console.log(JSON.stringify({ file, ok: status === "ready", source: id, status, reason, micrographs }));
    };
    const stackId = createId();
    const sent: [file: string, id: string][] = [];
    for (const [index, file] of positionals.entries()) {
      const count = positionals.length;
      const stack = values.stack && count > 1 ? { id: stackId, name: values.stack, count, index } : undefined;
      const id = await destination.send(resolve(here, file), stack);
      if (stack) sent.push([file, id]);
      else await tell(file, id);
    }
    // The frames of a stack are ready when the last of them is there.
    for (const [file, id] of sent) await tell(file, id);
  } finally {
    await destination.close();
  }
}

async function intoFolder(dataDir: string, projectName: string, inPlace: boolean): Promise<Destination> {
  const store = await openEmbeddedStore({
    dataDir,
    migrations: storeTables,
  }).catch((error: unknown) => {
    if (!(error instanceof StorageError) || error.code !== "held") throw error;
    throw new StorageError(
      "held",
      `A server is running on ${dataDir}. Send the files through it: add --server URL, with a token in LAMELLA_TOKEN.`,
      { dataDir },
    );
  });
  const catalogue = createSqlCatalogue(store.sql);
  const administrator = await catalogue.administrator();
  if (!administrator) {
    await store.close();
    throw new Error(`Nobody owns ${dataDir} yet. Start the server on it once, then run this again.`);
  }
  const owned = await catalogue.projectsOf(administrator.id);
  const project =
    owned.find((p) => p.name === projectName) ??
    (await catalogue.addProject({
      id: createId(),
      name: projectName,
      ownerId: administrator.id,
      demo: false,
    }));
  const blobs = await DirectoryBlobStore.open(join(dataDir, "blobs"));
  const ingest = createIngest({
    ...{ sql: store.sql, blobs, log: store.documentLog, workFolder: join(dataDir, "work") },
  });
  await ingest.start();
  return {
    async send(path, stack) {
      const said = { projectId: project.id, principalId: administrator.id, ...(stack ? { stack } : {}) };
      const { sourceId } = await (inPlace ? ingest.referenceFile(path, said) : ingest.ingestFile(path, said));
      return sourceId;
    },
    source: async (id) => (await ingest.catalogue.source(id))!,
    async close() {
      // A stack is a source of its own, which nobody has waited for.
      for (const { id } of await ingest.catalogue.unsettledSources())
        if ((await ingest.catalogue.source(id))?.format !== frameFormat) await ingest.settled(id);
      await ingest.close();
      await store.close();
    },
  };
}

const pollMs = 300;

async function throughServer(server: string, token: string, projectName: string): Promise<Destination> {
  const call = async <Answer>(
    method: string,
    path: string,
    body?: NonNullable<RequestInit["body"]>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const response = await fetch(new URL(`/api/v1${path}`, server), {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const answer = (await response.json().catch(() => null)) as { error?: { message?: string } } | null;
    if (!response.ok)
      throw new Error(answer?.error?.message ?? `${server} answered ${response.status} to ${path}.`);
    return answer as Answer;
  };
  const { projects } = await call<{ projects: { id: string; name: string }[] }>("GET", "/projects");
  const project =
    projects.find((p) => p.name === projectName) ??
    (await call<{ id: string }>("POST", "/projects", JSON.stringify({ name: projectName }), {
      "content-type": "application/json",
    }));
  return {
    async send(path, stack) {
      const place = stack ? `&stack=${encodeURIComponent(JSON.stringify(stack))}` : "";
      const name = encodeURIComponent(basename(path));
      const accepted = await call<{ source: string }>(
        "POST",
        `/projects/${project.id}/micrographs?name=${name}${place}`,
        await openAsBlob(path),
        { "content-type": "application/octet-stream", "repr-digest": await reprDigest(path) },
      );
      return accepted.source;
    },
    source: (id) => call<Source>("GET", `/sources/${id}`),
    async close() {},
  };
}

/** The file's SHA-256 as RFC 9530 writes it: the server refuses bytes that were changed on their way. */
async function reprDigest(path: string): Promise<string> {
  return `sha-256=:${Buffer.from(await hashFile(path), "hex").toString("base64")}:`;
}
