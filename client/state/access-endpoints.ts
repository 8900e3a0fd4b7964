import type { BinnedFile, BinnedProject, Tombstone } from "#core/protocol/api/bin.ts";
import type {
  ApiToken,
  ApiTokenWithSecret,
  Directory,
  Group,
  NewToken,
  OpenSession,
  PersonWithLink,
  ProjectEvent,
  ProjectUsage,
} from "#core/protocol/api/people.ts";
import type { Principal, SessionState } from "#core/protocol/api/shapes.ts";
import type { ProjectVisit } from "#core/protocol/api/visits.ts";
import type { Role } from "#core/protocol/roles.ts";
import { callApi } from "./api-client.ts";

/** What the pages of accounts, ownership and administration ask of the server, one function a route. */
export const accessEndpoints = {
  rename: (name: string) => callApi<SessionState>("PUT", "/session/name", { name }),
  setPassword: (password: string) => callApi<void>("PUT", "/session/password", { password }),
  sessions: () => callApi<{ sessions: OpenSession[] }>("GET", "/sessions").then(({ sessions }) => sessions),
  endSession: (id: string) => callApi<void>("DELETE", `/sessions/${id}`),
  tokens: () => callApi<{ tokens: ApiToken[] }>("GET", "/tokens").then(({ tokens }) => tokens),
  createToken: (token: NewToken) => callApi<ApiTokenWithSecret>("POST", "/tokens", token),
  revokeToken: (id: string) => callApi<void>("DELETE", `/tokens/${id}`),

  directory: () => callApi<Directory>("GET", "/directory"),
  createGroup: (name: string) => callApi<Group>("POST", "/groups", { name }),
  dissolveGroup: (id: string) => callApi<void>("DELETE", `/groups/${id}`),
  joinGroup: (id: string, personId: string) => callApi<void>("PUT", `/groups/${id}/members/${personId}`),
  leaveGroup: (id: string, personId: string) => callApi<void>("DELETE", `/groups/${id}/members/${personId}`),

  putMember: (
    projectId: string,
    principalId: string,
    held: { readonly role: Role; readonly mayDownloadOriginals: boolean },
  ) => callApi<void>("PUT", `/projects/${projectId}/members/${principalId}`, held),
  removeMember: (projectId: string, principalId: string) =>
    callApi<void>("DELETE", `/projects/${projectId}/members/${principalId}`),
  revokeInvitation: (projectId: string, invitationId: string, guests: "keep" | "remove") =>
    callApi<void>("DELETE", `/projects/${projectId}/invitations/${invitationId}?guests=${guests}`),
  transfer: (projectId: string, principalId: string, stayAs: Role | null) =>
    callApi<void>("POST", `/projects/${projectId}/transfer`, { principalId, stayAs }),
  leave: (projectId: string) => callApi<void>("DELETE", `/projects/${projectId}/membership`),
  events: (projectId: string) =>
    callApi<{ events: ProjectEvent[] }>("GET", `/projects/${projectId}/events`).then(({ events }) => events),

  binnedFiles: (projectId: string) =>
    callApi<{ files: BinnedFile[] }>("GET", `/projects/${projectId}/bin`).then(({ files }) => files),
  restoreFile: (projectId: string, sourceId: string) =>
    callApi<void>("POST", `/projects/${projectId}/bin/${sourceId}/restore`),
  eraseFile: (projectId: string, sourceId: string) =>
    callApi<void>("DELETE", `/projects/${projectId}/bin/${sourceId}`),
  binnedProjects: () =>
    callApi<{ projects: BinnedProject[] }>("GET", "/bin").then(({ projects }) => projects),
  restoreProject: (id: string) => callApi<void>("POST", `/bin/${id}/restore`),
  eraseProject: (id: string) => callApi<void>("DELETE", `/bin/${id}`),

  people: () => callApi<{ people: Principal[] }>("GET", "/people").then(({ people }) => people),
  addPerson: (name: string) => callApi<PersonWithLink>("POST", "/people", { name }),
  newLink: (id: string) => callApi<PersonWithLink>("POST", `/people/${id}/link`),
  makeAccount: (guestId: string, name: string) =>
    callApi<PersonWithLink>("POST", `/people/${guestId}/account`, { name }),
  signOutEverywhere: (id: string) => callApi<void>("DELETE", `/people/${id}/sessions`),
  erasePerson: (id: string) => callApi<void>("DELETE", `/people/${id}`),
  usage: () => callApi<{ projects: ProjectUsage[]; guests: Principal[] }>("GET", "/administration/projects"),
  visit: (projectId: string, reason: string) =>
    callApi<ProjectVisit>("POST", `/administration/projects/${projectId}/visit`, { reason }),
  endVisit: (projectId: string) => callApi<void>("DELETE", `/administration/projects/${projectId}/visit`),
  tombstones: () =>
    callApi<{ tombstones: Tombstone[] }>("GET", "/tombstones").then(({ tombstones }) => tombstones),
} as const;
