import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDomainError } from "#core/errors/domain-error.ts";
import {
  differenceFrom,
  type FrameGrid,
  frameListEnding,
  frameListText,
  onlyPicture,
} from "#core/formats/frame-list.ts";
import { timesOfFrames } from "#core/formats/numbered-frames.ts";
import type { Source } from "#core/protocol/api/shapes.ts";
import type { JobQueue } from "#server/jobs/job-queue.ts";
import type { Migration, Sql } from "#server/jobs/sql.ts";
import type { DescribedImage } from "./group-micrographs.ts";
import type { MicrographCatalogue } from "./micrograph-catalogue.ts";
import { createId } from "./record-id.ts";

/** Said of a file when it is handed over: it is one frame, or part, of a stack of so many files. */
export interface StackPlace {
  /** Made by whoever uploads: the same for all files of the stack. */
  readonly id: string;
  readonly name: string;
  readonly count: number;
  /** 0 … count - 1. */
  readonly index: number;
  /** What a person should know of how the stack came to be. */
  readonly note?: string;
}

/** As many files as are put together to one stack. */
export const mostStackFiles = 100_000;
export const frameFormat = "Frame of a stack";

export const stackPartMigrations: readonly Migration[] = [
  {
    name: "stack-parts-1",
    sql: `
      CREATE TABLE IF NOT EXISTS stack_part (
        source_id TEXT PRIMARY KEY, project_id TEXT NOT NULL, stack_id TEXT NOT NULL, ordinal INTEGER NOT NULL,
        facts TEXT NOT NULL);
      CREATE INDEX IF NOT EXISTS stack_part_by_stack ON stack_part (project_id, stack_id, ordinal);
      CREATE TABLE IF NOT EXISTS stack_file (
        stack_sha256 TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (stack_sha256, sha256));
      CREATE INDEX IF NOT EXISTS stack_file_by_file ON stack_file (sha256);`,
  },
];

/** What is known of a part once it was read; a refusal where it can be no frame. */
type PartFacts =
  | { readonly grid: FrameGrid | null; readonly acquiredAt: string | null }
  | { readonly refusal: string };

interface PartRow {
  readonly source_id: string;
  readonly ordinal: number;
  readonly facts: string;
}

export interface StackPartsDeps {
  readonly sql: Sql;
  readonly catalogue: MicrographCatalogue;
  readonly jobs: JobQueue;
  readonly readSourceJob: string;
  /** Files under way. */
  readonly folder: string;
  /** Takes the stack's list in as a source of its own. */
  adopt(
    path: string,
    options: {
      projectId: string;
      principalId: string;
      fileName: string;
      name: string;
      stackId: string;
      note?: string;
      relativePath?: string;
      pathFacts?: Readonly<Record<string, string>>;
    },
  ): Promise<unknown>;
}

/**
 * Files that were handed over as the frames of one stack. Each is kept as it is; when all are here and agree in size and
 * depth, a list of them becomes the stack, and its frames are read from their files. Where one does not fit, every file
 * becomes a micrograph of its own, and says why.
 */
export function createStackParts({ sql, catalogue, jobs, readSourceJob, folder, adopt }: StackPartsDeps) {
  // One stack is put together at a time: two last parts read at once must not make it twice.
  let turn: Promise<unknown> = Promise.resolve();

  const release = async (place: StackPlace, rows: readonly PartRow[], reason: string) => {
    for (const { source_id: sourceId } of rows) {
      const known = await catalogue.sourceOptions(sourceId);
      const source = await catalogue.source(sourceId);
      if (!known?.options.stack || !source) continue;
      const { stack: _, ...options } = known.options;
      const note = `Kept single, not as a frame of "${place.name}": ${reason}`;
      await sql.write([
        {
          sql: "UPDATE source SET options = ?, status = 'queued' WHERE id = ?",
          params: [JSON.stringify({ ...options, note }), sourceId],
        },
        { sql: "DELETE FROM stack_part WHERE source_id = ?", params: [sourceId] },
      ]);
      const { projectId } = source;
      await jobs.enqueue({
        ...{ kind: readSourceJob, payload: { sourceId }, projectId, principalId: known.principalId },
      });
    }
  };

  const assemble = async (place: StackPlace, rows: readonly PartRow[], projectId: string) => {
    const parts = [];
    for (const { source_id: sourceId, facts } of rows) {
      const source = (await catalogue.source(sourceId))!;
      const known = await catalogue.sourceOptions(sourceId);
      const { acquiredAt } = JSON.parse(facts) as { acquiredAt: string | null };
      parts.push({ source, path: known?.options.relativePath ?? source.fileName, acquiredAt });
    }
    const { timesS, from } = timesOfFrames(parts);
    const text = frameListText({
      name: place.name,
      frames: parts.map(({ source }) => ({ fileName: source.fileName, sha256: source.sha256! })),
      timesS,
      timesFrom: from,
    });
    const sha256 = createHash("sha256").update(text).digest("hex");
    // The same files handed over again are the stack that is there.
    const known = await sql.read("SELECT id FROM source WHERE sha256 = ? AND project_id = ? LIMIT 1", [
      ...[sha256, projectId],
    ]);
    if (known.length === 0) await adoptList(place, projectId, parts, text, sha256);
    for (const { source } of parts) await catalogue.setSourceStatus(source.id, "ready");
  };

  const adoptList = async (
    place: StackPlace,
    projectId: string,
    parts: readonly { readonly source: Source; readonly path: string }[],
    text: string,
    sha256: string,
  ) => {
    await mkdir(folder, { recursive: true });
    const path = join(folder, createId());
    await writeFile(path, text);
    await sql.write(
      parts.map(({ source }) => ({
        sql: "INSERT OR IGNORE INTO stack_file (stack_sha256, sha256) VALUES (?, ?)",
        params: [sha256, source.sha256],
      })),
    );
    const first = parts[0]!;
    const inFolder = first.path.includes("/") ? first.path.slice(0, first.path.lastIndexOf("/") + 1) : "";
    const fileName = `${place.name}${frameListEnding}`;
    const { principalId, options } = (await catalogue.sourceOptions(first.source.id))!;
    const { pathFacts } = options;
    await adopt(path, {
      ...{ projectId, principalId, fileName, name: place.name, stackId: place.id },
      ...(place.note === undefined ? {} : { note: place.note }),
      ...(pathFacts ? { pathFacts } : {}),
      ...(inFolder === "" ? {} : { relativePath: `${inFolder}${fileName}` }),
    });
  };

  /** Puts the stack together, or its files apart, once every one of them was read. */
  const settle = async (place: StackPlace, projectId: string) => {
    const where = "FROM stack_part WHERE project_id = ? AND stack_id = ?";
    const params = [projectId, place.id];
    const [here] = await sql.read<{ count: number }>(
      `SELECT COUNT(DISTINCT ordinal) AS count ${where}`,
      params,
    );
    if (Number(here?.count ?? 0) < place.count) return;
    const read = await sql.read<PartRow>(
      `SELECT source_id, ordinal, facts ${where} ORDER BY ordinal, rowid`,
      params,
    );
    // A file that was sent twice is one frame.
    const rows = [...new Map(read.map((row) => [row.ordinal, row])).values()];
    const statuses = await Promise.all(rows.map(({ source_id }) => catalogue.source(source_id)));
    if (statuses.every((source) => source?.status === "ready")) return; // made already
    const reason = reasonAgainst(rows);
    if (reason === null) await assemble(place, rows, projectId);
    else await release(place, rows, reason);
  };

  return {
    /**
     * A part was read: it waits for the others, or the last one makes the stack.
     * @param describe reads what the file holds
     */
    async read(
      source: Source,
      place: StackPlace,
      describe: () => Promise<{ readonly images: readonly DescribedImage[]; readonly tags: unknown }>,
    ): Promise<void> {
      const facts = await factsOf(source.fileName, describe);
      await catalogue.describeSource(source.id, {
        ...{ format: frameFormat, others: [], tags: null, micrographs: [] },
      });
      await sql.write([
        {
          sql: "INSERT OR REPLACE INTO stack_part (source_id, project_id, stack_id, ordinal, facts) VALUES (?, ?, ?, ?, ?)",
          params: [source.id, source.projectId, place.id, place.index, JSON.stringify(facts)],
        },
      ]);
      await catalogue.setSourceStatus(source.id, "queued");
      turn = turn.catch(() => undefined).then(() => settle(place, source.projectId));
      await turn;
    },

    /** Hashes of the files a list of frames was made of; only lists made here have any. */
    async filesOf(stackSha256: string): Promise<readonly string[]> {
      const rows = await sql.read<{ sha256: string }>(
        "SELECT sha256 FROM stack_file WHERE stack_sha256 = ?",
        [stackSha256],
      );
      return rows.map(({ sha256 }) => sha256);
    },
  };
}

/** A part of a TVIPS recording is no picture by itself: its size is known with the first. */
async function factsOf(
  fileName: string,
  describe: () => Promise<{ readonly images: readonly DescribedImage[] }>,
): Promise<PartFacts> {
  if (/\.tvips$/i.test(fileName)) return { grid: null, acquiredAt: null };
  try {
    const image = onlyPicture((await describe()) as Parameters<typeof onlyPicture>[0], fileName);
    const { width, height, sampleType, samplesPerPixel, kind } = image;
    return {
      grid: { width, height, sampleType, samplesPerPixel, kind },
      acquiredAt: image.acquisition.acquiredAt?.value ?? null,
    };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    return { refusal: error.message };
  }
}

function reasonAgainst(rows: readonly PartRow[]): string | null {
  let first: FrameGrid | null = null;
  for (const [i, { facts: text }] of rows.entries()) {
    const facts = JSON.parse(text) as PartFacts;
    if ("refusal" in facts) return `file ${i + 1}: ${facts.refusal}`;
    if (!facts.grid) continue;
    first ??= facts.grid;
    const difference = differenceFrom(first, facts.grid);
    if (difference) return `frame ${i + 1} is ${difference}.`;
  }
  return null;
}
