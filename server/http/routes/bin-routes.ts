import { z } from "zod";
import { binnedFile, binnedProject, tombstone } from "#core/protocol/api/bin.ts";
import * as shapes from "#core/protocol/api/shapes.ts";
import { closeCodes } from "#core/protocol/close-codes.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import { type Caller, notFound, type Standing } from "#server/access/access.ts";
import { AccessError } from "#server/access/access-error.ts";
import { binRetentionMs } from "#server/access/bin.ts";
import { peopleWithin } from "#server/access/people-within.ts";
import type { AppPorts } from "../app-ports.ts";
import { type Route, route } from "../route.ts";

const byId = z.object({ id: shapes.id });
const inBin = byId.extend({ sourceId: shapes.id });
const tombstonesShown = 1_000;

/** What was deleted: brought back within 30 days, or gone for good. */
export function createBinRoutes({ access, bin, events, ingest, rooms }: AppPorts): readonly Route[] {
  const nameOf = async (id: string) => (await access.catalogue.principal(id))?.displayName ?? id;
  /** To everybody but its owners a project in the bin is not there. */
  const requireOwned = async (principalId: string, projectId: string) => {
    if (!(await bin.ownedBy(principalId)).some(({ id }) => id === projectId)) throw notFound();
  };
  const fileIn = async (projectId: string, sourceId: string) => {
    const file = (await bin.filesOf(projectId)).find(({ id }) => id === sourceId);
    if (!file) throw notFound();
    return file;
  };
  return [
    route({
      method: "get",
      path: "/bin",
      summary: "Deleted projects that one can bring back.",
      needs: "person",
      answer: z.object({ projects: z.array(binnedProject) }),
      async handle({ caller }) {
        const projects = [];
        for (const { deletedBy, ...project } of await bin.ownedBy(caller.principal.id)) {
          const erasedAt = new Date(Date.parse(project.deletedAt) + binRetentionMs).toISOString();
          projects.push({ ...project, deletedBy: await nameOf(deletedBy), erasedAt });
        }
        return { projects };
      },
    }),
    route({
      method: "post",
      path: "/bin/:id/restore",
      summary: "Bring a project back, with its members, files and marks.",
      needs: "person",
      params: byId,
      async handle({ params, caller }) {
        await requireOwned(caller.principal.id, params.id);
        await bin.restore(params.id);
        await events.record(params.id, caller.principal.id, "restored");
        access.forget();
      },
    }),
    route({
      method: "delete",
      path: "/bin/:id",
      summary: "Erase a deleted project now: a tombstone stays, nothing can be brought back.",
      needs: "person",
      params: byId,
      async handle({ params, caller }) {
        await requireOwned(caller.principal.id, params.id);
        await bin.erase(params.id);
        access.forget();
      },
    }),
    route({
      method: "delete",
      path: "/sources/:id",
      summary: "Put a file with its micrographs and marks into the project's bin.",
      needs: { right: "annotate", in: "source" },
      params: byId,
      async handle({ params, projectId, caller, standing }) {
        const owner = (await ingest.catalogue.sourceOptions(params.id))?.principalId;
        requireOwnFile(caller, owner, standing);
        const { micrographs = [] } = (await ingest.catalogue.source(params.id)) ?? {};
        await bin.binFile(params.id, projectId, caller.principal.id);
        const names = micrographs.flatMap((micrographId) => [
          formatRoomName({ kind: "annotations", micrographId }),
          formatRoomName({ kind: "record", micrographId }),
        ]);
        for (const id of await peopleWithin(access.catalogue, projectId))
          rooms.revoke(id, names, closeCodes.noRoom);
      },
    }),
    route({
      method: "get",
      path: "/projects/:id/bin",
      summary: "Deleted files of the project.",
      needs: { right: "see", in: "project" },
      params: byId,
      answer: z.object({ files: z.array(binnedFile) }),
      async handle({ projectId }) {
        const files = [];
        for (const { deletedBy, ...file } of await bin.filesOf(projectId)) {
          const erasedAt = new Date(Date.parse(file.deletedAt) + binRetentionMs).toISOString();
          files.push({ ...file, deletedBy: await nameOf(deletedBy), erasedAt });
        }
        return { files };
      },
    }),
    route({
      method: "post",
      path: "/projects/:id/bin/:sourceId/restore",
      summary: "Bring a file back, with its micrographs and marks.",
      needs: { right: "annotate", in: "project" },
      params: inBin,
      async handle({ projectId, params, caller, standing }) {
        const file = await fileIn(projectId, params.sourceId);
        requireOwnFile(caller, file.createdBy, standing);
        await bin.restoreFile(file.id, projectId);
      },
    }),
    route({
      method: "delete",
      path: "/projects/:id/bin/:sourceId",
      summary: "Erase a deleted file now: a tombstone stays, nothing can be brought back.",
      needs: { right: "manage", in: "project" },
      params: inBin,
      async handle({ projectId, params }) {
        await bin.eraseFile((await fileIn(projectId, params.sourceId)).id);
      },
    }),
    route({
      method: "get",
      path: "/tombstones",
      summary: "What stays of everything erased: id, SHA-256, who and when.",
      needs: "administrator",
      answer: z.object({ tombstones: z.array(tombstone) }),
      handle: async () => ({ tombstones: [...(await bin.tombstones(tombstonesShown))] }),
    }),
  ];
}

/** Whoever brought a file may take it away again; anybody else's takes the right to manage. */
function requireOwnFile(caller: Caller, createdBy: string | undefined, standing: Standing): void {
  if (createdBy === caller.principal.id || standing.rights.has("manage")) return;
  throw new AccessError(
    "no-right",
    "Somebody else brought this file. They can delete or restore it, or an owner of the project.",
  );
}
