import { z } from "zod";
import * as shapes from "#core/protocol/api/shapes.ts";
import { notFound } from "#server/access/access.ts";
import { type ExportArchive, type ExportRequest, exportJob } from "#server/export/export-jobs.ts";
import type { Job } from "#server/jobs/job-table.ts";
import type { AppPorts } from "../app-ports.ts";
import { type Route, route } from "../route.ts";

const byId = z.object({ id: shapes.id });

/** Datasets out: a job is ordered, watched and fetched. */
export function createExportRoutes({ jobs, blobs, ingest }: AppPorts): readonly Route[] {
  const shownJob = (job: Job & { readonly progress?: number }): shapes.Job => ({
    id: job.id,
    kind: job.kind,
    status: job.status,
    progress: job.progress ?? 0,
    reason: job.reason,
    download: job.status === "done" && job.kind === exportJob ? `/api/v1/jobs/${job.id}/download` : null,
  });
  const jobOf = async (id: string, principalId: string) => {
    const job = await jobs.get(id);
    if (job?.principalId !== principalId) throw notFound();
    return job;
  };
  return [
    route({
      method: "post",
      path: "/projects/:id/exports",
      summary: "Order a dataset of the project, or of some of its micrographs.",
      needs: { right: "see", in: "project" },
      params: byId,
      body: shapes.createExport,
      status: 202,
      answer: shapes.job,
      async handle({ projectId, caller, body }) {
        const known = new Set((await ingest.catalogue.listMicrographs(projectId)).map(({ id }) => id));
        if (body.micrographIds?.some((id) => !known.has(id))) throw notFound();
        const payload: ExportRequest = {
          format: body.format,
          ...(body.micrographIds ? { micrographIds: body.micrographIds } : {}),
        };
        const id = await jobs.enqueue({
          ...{ kind: exportJob, payload, projectId, principalId: caller.principal.id, urgent: true },
        });
        return shownJob((await jobs.get(id))!);
      },
    }),
    route({
      method: "get",
      path: "/jobs/:id",
      summary: "How far a job is.",
      needs: { right: "see", in: "job" },
      params: byId,
      answer: shapes.job,
      handle: async ({ params, caller }) => shownJob(await jobOf(params.id, caller.principal.id)),
    }),
    route({
      method: "get",
      path: "/jobs/:id/download",
      summary: "What the job made.",
      needs: { right: "see", in: "job" },
      params: byId,
      answerType: "application/zip",
      async handle({ params, caller }, { response }) {
        const job = await jobOf(params.id, caller.principal.id);
        if (job.status !== "done" || job.kind !== exportJob) throw notFound();
        const { blobKey, fileName } = job.result as ExportArchive;
        const bytes = await blobs.size(blobKey);
        if (bytes === undefined) throw notFound();
        const body = blobs.stream(blobKey);
        response.set({
          "content-type": "application/zip",
          "content-length": String(bytes),
          "content-disposition": `attachment; filename="${fileName}"`,
          "cache-control": "private, no-store",
        });
        body.on("error", (error) => response.destroy(error));
        response.on("close", () => body.destroy());
        body.pipe(response);
      },
    }),
  ];
}
