import type { Catalogue } from "#server/storage/catalogue.ts";

/** Everybody who can have a project's rooms open: members, those in it by a group, and administrators who look in. */
export async function peopleWithin(
  catalogue: Pick<Catalogue, "members" | "peopleBehind" | "visits">,
  projectId: string,
): Promise<readonly string[]> {
  const members = await catalogue.members(projectId, "in");
  const behind = await Promise.all(members.map(({ principal }) => catalogue.peopleBehind(principal.id)));
  const visitors = (await catalogue.visits()).filter((visit) => visit.projectId === projectId);
  return [...new Set([...behind.flat(), ...visitors.map(({ principalId }) => principalId)])];
}
