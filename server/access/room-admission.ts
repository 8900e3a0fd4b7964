import type { IncomingMessage } from "node:http";
import { closeCodes } from "#core/protocol/close-codes.ts";
import { isWrittenByPeople, parseRoomName, type RoomName } from "#core/protocol/rooms.ts";
import type { Admission, Authorise } from "#server/sync/admission.ts";
import type { Access, Caller } from "./access.ts";
import type { Tickets } from "./tickets.ts";

export interface RoomAdmissionPorts {
  readonly access: Access;
  readonly tickets: Tickets;
  readonly projectOfMicrograph: (micrographId: string) => Promise<string | undefined>;
}

const refuse = (closeCode: (typeof closeCodes)[keyof typeof closeCodes], reason: string): Admission => ({
  admit: false,
  closeCode,
  reason,
});

/** Who may enter which room: by session cookie, by token, or by a one-time ticket in the address. */
export function createRoomAdmission(ports: RoomAdmissionPorts): Authorise {
  const { access, tickets } = ports;
  return async (request, name) => {
    const room = parseRoomName(name);
    if (!room) return refuse(closeCodes.noRoom, "There is no such room.");
    const caller = callerOfTicket(tickets, request) ?? (await access.identify(request));
    if (!caller) return refuse(closeCodes.signIn, "Sign in to enter this room.");
    const projectId = await projectOf(ports, room);
    const standing = projectId === undefined ? undefined : await access.standing(caller, projectId);
    if (!standing || projectId === undefined) return refuseStranger(ports, caller, projectId);
    // A ticket may outlive the session it was drawn with, and a sign-out may have come while this was looked up.
    if (!(await access.isLive(caller.credential)))
      return refuse(closeCodes.signIn, "Sign in to enter this room.");
    const { id: principalId, displayName, colour } = caller.principal;
    return {
      admit: true,
      principal: { principalId, name: displayName, colour },
      credential: caller.credential,
      mayWrite: isWrittenByPeople(room) && standing.rights.has("annotate"),
    };
  };
}

function callerOfTicket(tickets: Tickets, request: IncomingMessage): Caller | undefined {
  const query = (request.url ?? "").split("?")[1];
  const ticket = query === undefined ? null : new URLSearchParams(query).get("ticket");
  return ticket === null ? undefined : tickets.use(ticket);
}

/** Whoever stands at the door learns that they are not in yet; to anybody else the room does not exist. */
async function refuseStranger(
  { access }: RoomAdmissionPorts,
  caller: Caller,
  projectId: string | undefined,
): Promise<Admission> {
  // To a token of another project this one does not exist, whoever it belongs to.
  const isElsewhere = caller.scope?.projectId != null && caller.scope.projectId !== projectId;
  const held =
    projectId === undefined || isElsewhere
      ? undefined
      : await access.catalogue.membership(projectId, caller.principal.id);
  if (held && held.state !== "in")
    return refuse(closeCodes.noRight, "A member of this project has not let you in yet.");
  return refuse(closeCodes.noRoom, "There is no such room, or it is not shared with you.");
}

async function projectOf(ports: RoomAdmissionPorts, room: RoomName): Promise<string | undefined> {
  switch (room.kind) {
    case "annotations":
    case "record":
      return ports.projectOfMicrograph(room.micrographId);
    case "shared":
      return room.projectId;
    case "round":
      return undefined; // no round exists yet
  }
}
