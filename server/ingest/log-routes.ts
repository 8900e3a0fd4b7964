import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Request, Response } from "express";
import { z } from "zod";
import { framesTable } from "#core/export/frames-table.ts";
import { LogError } from "#core/formats/log-error.ts";
import { maxLogBytes } from "#core/formats/log-table.ts";
import type { ConditionLog } from "#core/micrograph/condition-log.ts";
import { id, job } from "#core/protocol/api/shapes.ts";
import {
  frameStatistics,
  placeLog,
  type StackLogAnswer,
  stackFrames,
  stackLogVersion,
} from "#core/protocol/api/stack-log.ts";
import type { StackLog } from "#core/schema/records/stack-log.ts";
import { notFound } from "#server/access/access.ts";
import type { AppPorts } from "#server/http/app-ports.ts";
import { type Route, route } from "#server/http/route.ts";
import { joinChunks } from "./join-chunks.ts";
import { UploadError } from "./receive-file.ts";

export type LogRouteDeps = Pick<AppPorts, "ingest" | "intake" | "jobs" | "stackLogs" | "stackFrames">;

const byId = z.object({ id });
const ofSignal = z.object({ signal: z.string().max(8).optional() });
const compress = promisify(gzip);

/** A log beside a stack, and what each of its frames was taken under. */
export function createLogRoutes(deps: LogRouteDeps): readonly Route[] {
  const { ingest, intake, jobs, stackLogs: logs, stackFrames: frames } = deps;
  const micrographOf = async (micrographId: string) =>
    (await ingest.catalogue.micrograph(micrographId)) ?? fail();
  return [
    route({
      method: "post",
      path: "/micrographs/:id/log",
      summary: "Put a log beside a stack: the bytes of its table are the body. A later one takes its place.",
      needs: { right: "annotate", in: "micrograph" },
      params: byId,
      query: z.object({ name: z.string().min(1).max(1000) }),
      bodyType: "application/octet-stream",
      status: 201,
      answer: stackLogVersion,
      async handle({ params, projectId, caller, query }, { request }) {
        const micrograph = await micrographOf(params.id);
        const announced = Number(request.headers["content-length"] ?? 0);
        await intake.requireRoomForFile(projectId, caller.principal.id, announced);
        return logs.attach(micrograph, query.name, await bodyOf(request), caller.principal.id);
      },
    }),
    route({
      method: "put",
      path: "/micrographs/:id/log",
      summary: "Say where the first frame lies on the log's clock.",
      needs: { right: "annotate", in: "micrograph" },
      params: byId,
      body: placeLog,
      answer: stackLogVersion,
      handle: ({ params, caller, body }) => logs.place(params.id, body, caller.principal.id),
    }),
    route({
      method: "delete",
      path: "/micrographs/:id/log",
      summary: "Take the log away; its versions stay on record.",
      needs: { right: "annotate", in: "micrograph" },
      params: byId,
      async handle({ params, caller }) {
        await logs.remove(params.id, caller.principal.id);
      },
    }),
    route({
      method: "get",
      path: "/micrographs/:id/log",
      summary: "The log beside a stack with all of its samples; 404 where there is none.",
      needs: { right: "see", in: "micrograph" },
      params: byId,
      answerType: "application/json",
      async handle({ params }, { request, response }) {
        const { version, log } = (await logs.current(params.id)) ?? fail();
        await sendCompressed(request, response, JSON.stringify(logAnswer(version, log)));
      },
    }),
    route({
      method: "get",
      path: "/micrographs/:id/frames",
      summary: "Time, conditions and numbers of every frame.",
      needs: { right: "see", in: "micrograph" },
      params: byId,
      query: ofSignal,
      answer: stackFrames,
      handle: async ({ params, query }) => frames.all(await micrographOf(params.id), query.signal ?? "0"),
    }),
    route({
      method: "get",
      path: "/micrographs/:id/frames.csv",
      summary: "The same as a table.",
      needs: { right: "see", in: "micrograph" },
      params: byId,
      query: ofSignal,
      answerType: "text/csv",
      async handle({ params, query }, { response }) {
        const micrograph = await micrographOf(params.id);
        const table = framesTable(await frames.all(micrograph, query.signal ?? "0"));
        const name = encodeURIComponent(`${micrograph.name} frames.csv`.toWellFormed());
        response
          .set({
            "content-type": "text/csv; charset=utf-8",
            "content-disposition": `attachment; filename*=UTF-8''${name}`,
            "x-content-type-options": "nosniff",
            "cache-control": "no-store",
          })
          .send(table);
      },
    }),
    route({
      method: "get",
      path: "/micrographs/:id/frames/:frame/statistics",
      summary: "Least, greatest and mean recorded value of one frame, read now where it was not yet.",
      needs: { right: "see", in: "micrograph" },
      params: byId.extend({ frame: z.string().regex(/^\d{1,9}$/) }),
      query: ofSignal,
      answer: frameStatistics,
      handle: async ({ params, query }) =>
        (await frames.statistics(await micrographOf(params.id), query.signal ?? "0", Number(params.frame))) ??
        fail(),
    }),
    route({
      method: "post",
      path: "/micrographs/:id/frames/statistics",
      summary: "Order the numbers of every frame; the job says how far it is.",
      needs: { right: "see", in: "micrograph" },
      params: byId,
      query: ofSignal,
      status: 202,
      answer: job,
      async handle({ params, query, caller }) {
        const micrograph = await micrographOf(params.id);
        const ordered = await frames.order(micrograph, query.signal ?? "0", caller.principal.id);
        const { id: jobId, kind, status, reason, progress } = (await jobs.get(ordered)) ?? fail();
        return { id: jobId, kind, status, reason, progress, download: null };
      },
    }),
  ];
}

/** Not parsed once more as other answers are: hundreds of thousands of numbers, all made here. */
function logAnswer(version: StackLog, log: ConditionLog): StackLogAnswer {
  // JSON has no NaN; an empty cell is null.
  return {
    version,
    startedAt: log.startedAt,
    timesS: Array.from(log.timesS),
    channels: log.channels.map((channel) => ({
      ...channel,
      values: Array.from(channel.values, (value) => (Number.isFinite(value) ? value : null)),
    })),
    leftOut: [...log.leftOut],
  };
}

async function bodyOf(body: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxLogBytes)
      throw new LogError(
        "log-too-large",
        `The log has more than ${maxLogBytes / 2 ** 20} MiB, which is what is read. Thin it, or cut it to the time of the pictures.`,
      );
    chunks.push(chunk);
  }
  if (bytes === 0) throw new UploadError("empty", "Expected the bytes of a log, received none.");
  return joinChunks(chunks, bytes);
}

/** A log of a day is some megabytes of digits. */
async function sendCompressed(request: Request, response: Response, text: string): Promise<void> {
  response.set({
    "content-type": "application/json; charset=utf-8",
    "cache-control": "private, no-store",
    vary: "accept-encoding",
  });
  if (text.length < 4096 || !request.acceptsEncodings("gzip")) return void response.send(text);
  response.set("content-encoding", "gzip").send(await compress(text, { level: 3 }));
}

function fail(): never {
  throw notFound();
}
