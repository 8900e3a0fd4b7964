import { createHash } from "node:crypto";
import { addLogVersion, readRecord } from "#core/document/record-document.ts";
import { DomainError } from "#core/errors/domain-error.ts";
import { type ConditionLog, offsetByClocks } from "#core/micrograph/condition-log.ts";
import type { Micrograph } from "#core/protocol/api/shapes.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import { createRecordId } from "#core/schema/ids.ts";
import type { StackLog } from "#core/schema/records/stack-log.ts";
import type { Sql } from "#server/jobs/sql.ts";
import type { BlobStore } from "#server/storage/blob-store.ts";
import type { RoomServer } from "#server/sync/room-server.ts";
import { shownFileName } from "./receive-file.ts";
import { stackLogKey } from "./stack-log-table.ts";

/** Logs read a moment ago: a page asks for the same one again after each move of its offset. */
const keptLogs = 8;

export interface StackLogsDeps {
  readonly sql: Sql;
  readonly blobs: BlobStore;
  readonly rooms: Pick<RoomServer, "writeAsServer" | "readDocument">;
  /** Parses in a worker. @throws LogError's codes */
  readLog(bytes: Uint8Array): Promise<ConditionLog>;
}

export interface LogPlacement {
  readonly offsetS: number;
  readonly frameIntervalS?: number | null | undefined;
}

/** The log beside a stack: its bytes untouched, its versions in the micrograph's record room. */
export interface StackLogs {
  /** Put a log beside a stack; the first frame is placed by the clocks of both where they know the time. */
  attach(micrograph: Micrograph, fileName: string, bytes: Uint8Array, principalId: string): Promise<StackLog>;
  /** @throws DomainError "not-found" where there is no log */
  place(micrographId: string, placement: LogPlacement, principalId: string): Promise<StackLog>;
  /** Take the log away; its versions stay. @throws DomainError "not-found" */
  remove(micrographId: string, principalId: string): Promise<void>;
  /** The version that counts, and what it holds; undefined where there is none. */
  current(
    micrographId: string,
  ): Promise<{ readonly version: StackLog; readonly log: ConditionLog } | undefined>;
}

export function createStackLogs({ sql, blobs, rooms, readLog }: StackLogsDeps): StackLogs {
  const read = new Map<string, Promise<ConditionLog>>();

  const currentVersion = async (micrographId: string): Promise<StackLog | undefined> => {
    const { logs } = await rooms.readDocument(roomOf(micrographId), readRecord);
    const last = logs.at(-1);
    return last?.file ? last : undefined;
  };

  const write = async (
    micrographId: string,
    principalId: string,
    versionOver: (
      last: StackLog | undefined,
    ) => Pick<StackLog, "file" | "offsetS" | "offsetBasis" | "frameIntervalS">,
  ): Promise<StackLog> => {
    let written: StackLog | undefined;
    await rooms.writeAsServer(roomOf(micrographId), principalId, (doc) => {
      const last = readRecord(doc).logs.at(-1);
      written = addLogVersion(doc, {
        id: createRecordId(),
        ...versionOver(last),
        madeBy: principalId,
        madeAt: new Date().toISOString(),
      });
    });
    return written!;
  };

  const contentOf = (key: string): Promise<ConditionLog> => {
    const known = read.get(key);
    if (known) return known;
    const log = (async () => readLog(await blobs.read(key, 0, (await blobs.size(key)) ?? 0)))();
    if (read.size >= keptLogs) read.delete(read.keys().next().value!);
    read.set(key, log);
    log.catch(() => read.delete(key));
    return log;
  };

  return {
    async attach(micrograph, fileName, bytes, principalId) {
      const log = await readLog(bytes);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const key = stackLogKey(micrograph.id, sha256);
      await sql.write([
        {
          sql: "INSERT OR IGNORE INTO stack_log_file (micrograph_id, sha256) VALUES (?, ?)",
          params: [micrograph.id, sha256],
        },
      ]);
      await blobs.put(key, bytes);
      read.set(key, Promise.resolve(log));
      const acquiredAt = micrograph.acquisition.acquiredAt?.value;
      const byClocks = offsetByClocks(log.startedAt, typeof acquiredAt === "string" ? acquiredAt : null);
      return write(micrograph.id, principalId, (last) => ({
        file: { name: shownFileName(fileName), bytes: bytes.length, sha256 },
        offsetS: byClocks ?? 0,
        offsetBasis: byClocks === null ? "assumed" : "clocks",
        frameIntervalS: last?.frameIntervalS ?? null,
      }));
    },

    place: (micrographId, { offsetS, frameIntervalS }, principalId) =>
      write(micrographId, principalId, (last) => {
        if (!last?.file) throw noLog();
        return {
          file: last.file,
          offsetS,
          // Stating the interval of the frames says nothing about where the first one lies.
          offsetBasis: offsetS === last.offsetS ? last.offsetBasis : "person",
          frameIntervalS: frameIntervalS === undefined ? last.frameIntervalS : frameIntervalS,
        };
      }),

    async remove(micrographId, principalId) {
      await write(micrographId, principalId, (last) => {
        if (!last?.file) throw noLog();
        const { offsetS, offsetBasis, frameIntervalS } = last;
        return { file: null, offsetS, offsetBasis, frameIntervalS };
      });
    },

    async current(micrographId) {
      const version = await currentVersion(micrographId);
      if (!version?.file) return undefined;
      return { version, log: await contentOf(stackLogKey(micrographId, version.file.sha256)) };
    },
  };
}

const roomOf = (micrographId: string) => formatRoomName({ kind: "record", micrographId });

function noLog(): DomainError {
  return new DomainError("not-found", "There is no log beside this stack. Attach one first.");
}
