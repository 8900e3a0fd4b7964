import { z } from "zod";
import * as shapes from "#core/protocol/api/shapes.ts";
import { notFound } from "#server/access/access.ts";
import { binRetentionMs } from "#server/access/bin.ts";
import type { AppPorts } from "../app-ports.ts";
import { type Route, route } from "../route.ts";

const byId = z.object({ id: shapes.id });
const tombstonesShown = 1_000;

/** What was deleted: brought back within 30 days, or gone for good. */
export function createBinRoutes({ access, bin, events }: AppPorts): readonly Route[] {
  const nameOf = async (id: string) => (await access.catalogue.principal(id))?.displayName ?? id;
  /** To everybody but its owners a project in the bin is not there. */
  const requireOwned = async (principalId: string, projectId: string) => {
    if (!(await bin.ownedBy(principalId)).some(({ id }) => id === projectId)) throw notFound();
  };
  return [
    route({
      method: "get",
      path: "/bin",
      summary: "Deleted projects that one can bring back.",
      needs: "person",
      answer: z.object({ projects: z.array(shapes.binnedProject) }),
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
      method: "get",
      path: "/tombstones",
      summary: "What stays of everything erased: id, SHA-256, who and when.",
      needs: "administrator",
      answer: z.object({ tombstones: z.array(shapes.tombstone) }),
      handle: async () => ({ tombstones: [...(await bin.tombstones(tombstonesShown))] }),
    }),
  ];
}
