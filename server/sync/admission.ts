import type { IncomingMessage } from "node:http";
import type { CloseCode } from "#core/protocol/close-codes.ts";
import type { PresenceUser } from "#core/protocol/presence.ts";

/** Who may enter a room, and as what. A refusal is said by closing the accepted socket, never at the upgrade. */
export type Admission =
  | {
      readonly admit: true;
      readonly principal: PresenceUser;
      readonly mayWrite: boolean;
      /** What proved who it is (a session, a token): the socket ends with it. */
      readonly credential?: string;
    }
  | { readonly admit: false; readonly closeCode: CloseCode; readonly reason: string };

export type Authorise = (request: IncomingMessage, room: string) => Promise<Admission>;

/** The room that `/sync/<room>` names. */
export function roomOf(request: IncomingMessage): string | undefined {
  const path = (request.url ?? "").split("?", 1)[0]!;
  if (!path.startsWith("/sync/")) return undefined;
  try {
    return decodeURIComponent(path.slice("/sync/".length));
  } catch {
    return undefined;
  }
}
