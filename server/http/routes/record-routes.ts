import { z } from "zod";
import { addCalibration, putComment, putThread, readRecord } from "#core/document/record-document.ts";
import { nameInterface, putClass, putInterface, putObject } from "#core/document/shared-document.ts";
import { DomainError } from "#core/errors/domain-error.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import * as shapes from "#core/protocol/api/shapes.ts";
import { formatRoomName, parseRoomName } from "#core/protocol/rooms.ts";
import type { AnnotationClass } from "#core/schema/annotation-class.ts";
import { createRecordId } from "#core/schema/ids.ts";
import { notFound } from "#server/access/access.ts";
import { writtenObject } from "#server/sync/written-json.ts";
import type { AppPorts } from "../app-ports.ts";
import { type Route, route, WrittenAnswer } from "../route.ts";

const byId = z.object({ id: shapes.id });
const now = () => new Date().toISOString();

/** Marks, numbers, comments, calibration: what the rooms hold, for pages and scripts. */
export function createRecordRoutes({ access, intake, rooms, readings, ingest }: AppPorts): readonly Route[] {
  return [
    route({
      method: "post",
      path: "/projects/:id/shared",
      summary: "Write a class, an object or an interface of the project.",
      needs: { right: "annotate", in: "project" },
      params: byId,
      body: shapes.sharedCommand,
      async handle({ projectId, caller, body }) {
        await rooms.writeAsServer(
          formatRoomName({ kind: "shared", projectId }),
          caller.principal.id,
          (doc) => {
            if (body.type === "put-class") putClass(doc, body.class as AnnotationClass);
            else if (body.type === "put-object") putObject(doc, body.object);
            else if (body.proposed) nameInterface(doc, body.interface);
            else putInterface(doc, body.interface);
          },
        );
      },
    }),
    route({
      method: "post",
      path: "/micrographs/:id/record",
      summary: "Comment, resolve a thread, or calibrate.",
      needs: { right: "comment", in: "micrograph" },
      params: byId,
      body: shapes.recordCommand,
      async handle({ params, projectId, caller, body }) {
        const author = caller.principal.id;
        const room = formatRoomName({ kind: "record", micrographId: params.id });
        if (body.type === "comment") {
          const { id, threadId, annotationId, at, text } = body;
          await rooms.writeAsServer(room, author, (doc) => {
            if (doc.getMap("comments").has(id)) {
              throw new DomainError(
                "conflict",
                `There is a comment ${id} already; a new one needs an id of its own.`,
              );
            }
            const comment = { ...{ id, threadId: threadId ?? id, annotationId, at, text }, author };
            putComment(doc, { ...comment, createdAt: now(), editedAt: null, deleted: false });
          });
        } else if (body.type === "resolve") {
          await rooms.writeAsServer(room, author, (doc) => {
            if (!readRecord(doc).threads.some(({ id }) => id === body.threadId)) throw notFound();
            putThread(doc, {
              id: body.threadId,
              resolved: body.resolved,
              changedBy: author,
              changedAt: now(),
            });
          });
        } else {
          await access.require(caller, projectId, "annotate");
          const calibration = signedBy(body.calibration as Calibration, author);
          await rooms.writeAsServer(room, author, (doc) => {
            const { comment } = body;
            addCalibration(doc, {
              ...{
                id: createRecordId(),
                calibration: calibration as shapes.Micrograph["calibration"],
                comment,
              },
              ...{ madeBy: author, madeAt: now() },
            });
          });
          await ingest.catalogue.setCalibration(params.id, calibration);
        }
      },
    }),
    route({
      method: "get",
      path: "/micrographs/:id/annotations",
      summary: "The marks as native JSON.",
      needs: { right: "see", in: "micrograph" },
      params: byId,
      answer: z.object({
        format: z.string(),
        version: z.number(),
        annotations: z.array(z.looseObject({ id: z.string() })),
      }),
      handle: async ({ params }) => new WrittenAnswer(await readings.annotations(params.id)),
    }),
    route({
      method: "post",
      path: "/micrographs/:id/annotations",
      summary: "Add marks in native JSON: all of them, or none where one is not valid.",
      needs: { right: "annotate", in: "micrograph" },
      params: byId,
      body: z.looseObject({
        format: z.literal("lamella-annotations"),
        version: z.literal(1),
        annotations: z.array(z.looseObject({})).max(100_000),
      }),
      status: 201,
      answer: z.object({ ids: z.array(z.string()) }),
      async handle({ params, caller, body }) {
        const room = formatRoomName({ kind: "annotations", micrographId: params.id });
        const most = intake.marksPerMicrograph;
        const edit = { type: "add-snapshot", json: body, most } as const;
        return { ids: intake.taken(await rooms.editAsServer(room, caller.principal.id, edit)) };
      },
    }),
    route({
      method: "get",
      path: "/micrographs/:id/measurements",
      summary: "Every number with unit, uncertainty, method and provenance.",
      needs: { right: "see", in: "micrograph" },
      params: byId,
      answer: z.object({
        micrographId: shapes.id,
        calibration: shapes.calibration,
        flags: shapes.micrograph.shape.flags,
        measurements: z.array(
          z.looseObject({ quantity: z.string(), value: z.number().nullable(), unit: z.string() }),
        ),
      }),
      async handle({ params }) {
        const { calibration, flags } = (await ingest.catalogue.micrograph(params.id)) ?? fail();
        const measurements = await readings.measurements(params.id, calibration as Calibration);
        const head = { micrographId: params.id, calibration, flags };
        return new WrittenAnswer(writtenObject(head, "measurements", measurements));
      },
    }),
    route({
      method: "get",
      path: "/rooms/:room/authors",
      summary: "Which person each Yjs client id of a room belongs to.",
      needs: { right: "see", in: "room" },
      params: z.object({ room: z.string().refine((name) => parseRoomName(name) !== undefined) }),
      answer: shapes.roomAuthors,
      async handle({ params }) {
        const authors: Record<string, { principalId: string; name: string }> = {};
        for (const [clientId, principalId] of await rooms.authors(params.room)) {
          const principal = await access.catalogue.principal(principalId);
          authors[String(clientId)] = { principalId, name: principal?.displayName ?? "somebody who is gone" };
        }
        return { authors };
      },
    }),
  ];
}

/** Who calibrated is taken from who asked, never from what they sent. */
function signedBy(calibration: Calibration, principalId: string): Calibration {
  if (calibration.state !== "calibrated" || calibration.source.kind !== "person") return calibration;
  return { ...calibration, source: { ...calibration.source, principalId } };
}

function fail(): never {
  throw notFound();
}
