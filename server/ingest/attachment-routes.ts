import { z } from "zod";
import * as shapes from "#core/protocol/api/attachments.ts";
import { id } from "#core/protocol/api/shapes.ts";
import { notFound } from "#server/access/access.ts";
import type { Intake } from "#server/access/intake.ts";
import { type Route, route } from "#server/http/route.ts";
import type { BlobStore } from "#server/storage/blob-store.ts";
import type { Ingest } from "./ingest.ts";
import { originalKey } from "./read-source.ts";
import { sendOriginal } from "./send-original.ts";

const byId = z.object({ id });
const byAttachment = z.object({ id, attachmentId: id });

/** Spectra, tables, structures, papers, notes: files on a project's records. */
export function createAttachmentRoutes(ports: {
  readonly ingest: Ingest;
  readonly blobs: BlobStore;
  readonly intake: Pick<Intake, "reserve">;
}): readonly Route[] {
  const { ingest, blobs, intake } = ports;
  const { attachments } = ingest;
  const find = async (projectId: string, attachmentId: string) => {
    const found = await attachments.get(projectId, attachmentId);
    if (!found) throw notFound();
    return found;
  };
  return [
    route({
      method: "get",
      path: "/projects/:id/attachments",
      summary: "Files on the project's records.",
      needs: { right: "see", in: "project" },
      params: byId,
      answer: shapes.attachments,
      handle: async ({ projectId }) => ({ attachments: [...(await attachments.list(projectId))] }),
    }),
    route({
      method: "post",
      path: "/projects/:id/attachments",
      summary: "Attach a file to a record: its bytes are the body.",
      needs: { right: "annotate", in: "project" },
      params: byId,
      query: shapes.newAttachment,
      bodyType: "application/octet-stream",
      status: 201,
      answer: shapes.attachment,
      async handle({ projectId, caller, query }, { request }) {
        const announced = request.headers["content-length"];
        const principalId = caller.principal.id;
        const place = await intake.reserve(projectId, principalId, Number(announced ?? 0));
        try {
          return await attachments.add(request, {
            ...{ projectId, principalId, type: query.type, on: query.on, fileName: query.name },
            maxBytes: ingest.limits.maxFileBytes,
            ...(announced === undefined ? {} : { announcedBytes: Number(announced) }),
          });
        } finally {
          place.release();
        }
      },
    }),
    route({
      method: "get",
      path: "/projects/:id/attachments/:attachmentId",
      summary: "An attached file, byte for byte.",
      needs: { right: "download-originals", in: "project" },
      params: byAttachment,
      answerType: "application/octet-stream",
      async handle({ projectId, params }, { response }) {
        const { sha256, fileName, bytes } = await find(projectId, params.attachmentId);
        sendOriginal(response, blobs.stream(originalKey(sha256)), { fileName, bytes });
      },
    }),
    route({
      method: "get",
      path: "/projects/:id/attachments/:attachmentId/columns",
      summary: "Columns of numbers of an attached spectrum or table, to be plotted.",
      needs: { right: "see", in: "project" },
      params: byAttachment,
      answer: shapes.columns,
      async handle({ projectId, params }) {
        const { title, x, ys } = await attachments.columns(await find(projectId, params.attachmentId));
        return {
          title,
          x: { label: x.label, values: [...x.values] },
          ys: ys.map(({ label, values }) => ({ label, values: [...values] })),
        };
      },
    }),
    route({
      method: "delete",
      path: "/projects/:id/attachments/:attachmentId",
      summary: "Take a file off its record; it can be put back for 30 days.",
      needs: { right: "annotate", in: "project" },
      params: byAttachment,
      async handle({ projectId, params, caller }) {
        await find(projectId, params.attachmentId);
        await attachments.remove(projectId, params.attachmentId, caller.principal.id);
      },
    }),
    route({
      method: "post",
      path: "/projects/:id/attachments/:attachmentId/restore",
      summary: "Put a removed file back on its record.",
      needs: { right: "annotate", in: "project" },
      params: byAttachment,
      handle: ({ projectId, params }) => attachments.putBack(projectId, params.attachmentId),
    }),
    route({
      method: "post",
      path: "/sources/:id/attach",
      summary: "A file that held no picture goes to the record it belongs to.",
      needs: { right: "annotate", in: "source" },
      params: byId,
      body: shapes.attachSource,
      status: 201,
      answer: shapes.attachment,
      handle: ({ projectId, params, caller, body }) =>
        attachments.takeOver(params.id, { projectId, principalId: caller.principal.id, ...body }),
    }),
  ];
}
