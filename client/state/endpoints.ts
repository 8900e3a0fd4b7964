import type { Attachable, AttachmentShape, ColumnsShape } from "#core/protocol/api/attachments.ts";
import type {
  CreateInvitation,
  Invitation,
  InvitationAccepted,
  InvitationOffer,
  WaitingGuest,
} from "#core/protocol/api/invitations.ts";
import type { ProjectRecordsShape, RecordsCommand, TagSearchShape } from "#core/protocol/api/records.ts";
import type { SameGridShape } from "#core/protocol/api/same-grid.ts";
import type { ScaleBarAnswer } from "#core/protocol/api/scale-bar.ts";
import type {
  CreateExport,
  Gallery,
  Job,
  Member,
  Micrograph,
  Project,
  Reachability,
  RecordCommand,
  RoomAuthors,
  SessionState,
  SharedCommand,
  Source,
} from "#core/protocol/api/shapes.ts";
import type { DecideSuggestions, SuggestionShape } from "#core/protocol/api/suggestions.ts";
import { callApi } from "./api-client.ts";

/** What the pages ask of the server, one function a route. */
export const endpoints = {
  session: () => callApi<SessionState>("GET", "/session"),
  signInByLink: (token: string) => callApi<SessionState>("POST", "/session/link", { token }),
  signInByPassword: (name: string, password: string) =>
    callApi<SessionState>("POST", "/session/password", { name, password }),
  signOut: () => callApi<void>("DELETE", "/session"),

  invitation: (token: string) => callApi<InvitationOffer>("GET", `/invitations/${encodeURIComponent(token)}`),
  acceptInvitation: (token: string, name: string) =>
    callApi<InvitationAccepted>("POST", `/invitations/${encodeURIComponent(token)}/accept`, { name }),

  projects: () => callApi<{ projects: Project[] }>("GET", "/projects").then((answer) => answer.projects),
  createProject: (name: string) => callApi<Project>("POST", "/projects", { name }),
  renameProject: (id: string, name: string) => callApi<Project>("PATCH", `/projects/${id}`, { name }),
  deleteProject: (id: string) => callApi<void>("DELETE", `/projects/${id}`),
  gallery: (id: string) => callApi<Gallery>("GET", `/projects/${id}/gallery`),
  members: (id: string) =>
    callApi<{ members: Member[] }>("GET", `/projects/${id}/members`).then((answer) => answer.members),
  waiting: (id: string) =>
    callApi<{ waiting: WaitingGuest[] }>("GET", `/projects/${id}/waiting`).then((answer) => answer.waiting),
  admit: (id: string, guestId: string, admit: boolean) =>
    callApi<void>("POST", `/projects/${id}/waiting/${guestId}`, { admit }),
  invitations: (id: string) =>
    callApi<{ invitations: Invitation[] }>("GET", `/projects/${id}/invitations`).then(
      (answer) => answer.invitations,
    ),
  createInvitation: (id: string, invitation: CreateInvitation) =>
    callApi<Invitation>("POST", `/projects/${id}/invitations`, invitation),
  revokeInvitation: (id: string, invitationId: string) =>
    callApi<void>("DELETE", `/projects/${id}/invitations/${invitationId}`),
  shared: (projectId: string, command: SharedCommand) =>
    callApi<void>("POST", `/projects/${projectId}/shared`, command),

  projectRecords: (id: string, micrographId?: string) =>
    callApi<ProjectRecordsShape>(
      "GET",
      `/projects/${id}/records${micrographId === undefined ? "" : `?micrograph=${micrographId}`}`,
    ),
  describe: (id: string, command: RecordsCommand) =>
    callApi<void>("POST", `/projects/${id}/records`, command),
  searchTags: (id: string, words: string) =>
    callApi<TagSearchShape>("GET", `/projects/${id}/search?words=${encodeURIComponent(words)}`),

  attachments: (projectId: string) =>
    callApi<{ attachments: AttachmentShape[] }>("GET", `/projects/${projectId}/attachments`).then(
      (answer) => answer.attachments,
    ),
  attach: (projectId: string, type: Attachable, on: string, file: File) =>
    callApi<AttachmentShape>(
      "POST",
      `/projects/${projectId}/attachments?type=${type}&on=${on}&name=${encodeURIComponent(file.name)}`,
      file,
    ),
  attachSource: (sourceId: string, type: Attachable, on: string) =>
    callApi<AttachmentShape>("POST", `/sources/${sourceId}/attach`, { type, on }),
  attachmentColumns: (projectId: string, id: string) =>
    callApi<ColumnsShape>("GET", `/projects/${projectId}/attachments/${id}/columns`),
  removeAttachment: (projectId: string, id: string) =>
    callApi<void>("DELETE", `/projects/${projectId}/attachments/${id}`),
  restoreAttachment: (projectId: string, id: string) =>
    callApi<void>("POST", `/projects/${projectId}/attachments/${id}/restore`),
  sameGrid: (micrographId: string) => callApi<SameGridShape>("GET", `/micrographs/${micrographId}/same-grid`),
  suggestions: (micrographId: string) =>
    callApi<{ suggestions: SuggestionShape[] }>("GET", `/micrographs/${micrographId}/suggestions`).then(
      (answer) => answer.suggestions,
    ),
  decideSuggestions: (micrographId: string, decided: DecideSuggestions) =>
    callApi<{ suggestions: SuggestionShape[] }>("POST", `/micrographs/${micrographId}/suggestions`, decided),
  source: (id: string) => callApi<Source>("GET", `/sources/${id}`),
  removeSource: (id: string) => callApi<void>("DELETE", `/sources/${id}`),

  micrograph: (id: string) => callApi<Micrograph>("GET", `/micrographs/${id}`),
  scaleBar: (id: string) => callApi<ScaleBarAnswer>("GET", `/micrographs/${id}/scale-bar`),
  tags: (id: string) => callApi<unknown>("GET", `/micrographs/${id}/tags`),
  record: (micrographId: string, command: RecordCommand) =>
    callApi<void>("POST", `/micrographs/${micrographId}/record`, command),
  authors: (room: string) => callApi<RoomAuthors>("GET", `/rooms/${encodeURIComponent(room)}/authors`),

  createExport: (projectId: string, request: CreateExport) =>
    callApi<Job>("POST", `/projects/${projectId}/exports`, request),
  job: (id: string) => callApi<Job>("GET", `/jobs/${id}`),
  reachability: () => callApi<Reachability>("GET", "/reachability"),
} as const;
