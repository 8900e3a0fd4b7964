import { z } from "zod";
import { directory, group, newGroup } from "#core/protocol/api/people.ts";
import * as shapes from "#core/protocol/api/shapes.ts";
import { notFound } from "#server/access/access.ts";
import { AccessError } from "#server/access/access-error.ts";
import { plainName } from "#server/access/invitations.ts";
import { newId } from "#server/access/secrets.ts";
import type { Catalogue, GroupRecord } from "#server/storage/catalogue.ts";
import type { AppPorts } from "../app-ports.ts";
import { createRightsChanged } from "../rights-changed.ts";
import { type Route, route } from "../route.ts";
import { shownPrincipal } from "./session-routes.ts";

const byId = z.object({ id: shapes.id });
const ofMember = {
  path: "/groups/:id/members/:principalId",
  needs: "administrator",
  params: byId.extend({ principalId: shapes.id }),
} as const;

const shownGroup = ({ principal, members }: GroupRecord) => ({
  principal: shownPrincipal(principal),
  members: members.map(shownPrincipal),
});

/** Whom a project can be shared with by name, and the groups among them, which the administrator keeps. */
export function createGroupRoutes(ports: AppPorts): readonly Route[] {
  const { access } = ports;
  const { catalogue } = access;
  const groupOf = async (id: string) => {
    const found = (await catalogue.groups()).find(({ principal }) => principal.id === id);
    if (!found) throw notFound();
    return found;
  };
  const rightsChanged = createRightsChanged(ports);
  /** What people hold by a group has changed in each of its projects. */
  const askAnew = async (projects: readonly { readonly id: string }[], principalIds: readonly string[]) => {
    access.forget();
    for (const { id } of projects) await rightsChanged(id, principalIds);
  };
  const changeMember = async (groupId: string, personId: string, change: Catalogue["addGroupMember"]) => {
    const { principal } = await groupOf(groupId);
    await change(principal.id, personId);
    await askAnew(await catalogue.projectsOf(principal.id), [personId]);
  };
  return [
    route({
      method: "get",
      path: "/directory",
      summary: "Everybody with an account, and the groups: whom one can share a project with.",
      needs: "person",
      answer: directory,
      handle: async () => ({
        people: (await catalogue.people()).map(shownPrincipal),
        groups: (await catalogue.groups()).map(shownGroup),
      }),
    }),
    route({
      method: "post",
      path: "/groups",
      summary: "A new group, with nobody in it.",
      needs: "administrator",
      body: newGroup,
      status: 201,
      answer: group,
      async handle({ body }) {
        const name = plainName(body.name);
        const taken = (await catalogue.groups()).some(
          ({ principal }) => principal.name.toLowerCase() === name.toLowerCase(),
        );
        if (taken) {
          throw new AccessError(
            "name-taken",
            `There is a group called "${name}" already. Choose another name.`,
          );
        }
        const principal = await catalogue.addPrincipal({ id: newId(), kind: "group", name });
        return shownGroup({ principal, members: [] });
      },
    }),
    route({
      method: "put",
      summary: "Take somebody into a group: they hold what the group holds from now on.",
      ...ofMember,
      async handle({ params: { id, principalId } }) {
        if (!(await catalogue.people()).some((person) => person.id === principalId)) throw notFound();
        await changeMember(id, principalId, catalogue.addGroupMember);
      },
    }),
    route({
      method: "delete",
      summary: "Take somebody out of a group; what they hold by themselves stays theirs.",
      ...ofMember,
      handle: ({ params: { id, principalId } }) => changeMember(id, principalId, catalogue.removeGroupMember),
    }),
    route({
      method: "delete",
      path: "/groups/:id",
      summary: "Dissolve a group: it leaves every project it was in.",
      needs: "administrator",
      params: byId,
      async handle({ params }) {
        const { principal, members } = await groupOf(params.id);
        const owned = await catalogue.solelyOwned(principal.id);
        if (owned.length > 0) {
          throw new AccessError(
            "last-owner",
            `${principal.displayName} is the last owner of ${owned.length} project(s). Have them given to somebody else first.`,
            { projectIds: owned },
          );
        }
        const projects = await catalogue.projectsOf(principal.id);
        await catalogue.eraseGroup(principal.id);
        await askAnew(
          projects,
          members.map(({ id }) => id),
        );
      },
    }),
  ];
}
