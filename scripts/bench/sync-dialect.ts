import { once } from "node:events";
import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from "lib0/encoding";
import { WebSocket } from "ws";

/** How a client speaks to a server: the bytes around an update and around a presence, and how it comes in. */
export interface Dialect {
  connect(port: number, room: string, person: string): Promise<WebSocket>;
  update(room: string, update: Uint8Array): Uint8Array;
  presence(room: string, entry: { clientId: number; clock: number; state: string }): Uint8Array;
}

const sync = 0;
const syncUpdate = 2;
const awareness = 1;

function message(
  prefix: string | undefined,
  write: (encoder: ReturnType<typeof createEncoder>) => void,
): Uint8Array {
  const encoder = createEncoder();
  if (prefix !== undefined) writeVarString(encoder, prefix);
  write(encoder);
  return toUint8Array(encoder);
}

function updateMessage(prefix: string | undefined, update: Uint8Array): Uint8Array {
  return message(prefix, (encoder) => {
    writeVarUint(encoder, sync);
    writeVarUint(encoder, syncUpdate);
    writeVarUint8Array(encoder, update);
  });
}

function presenceMessage(
  prefix: string | undefined,
  { clientId, clock, state }: { clientId: number; clock: number; state: string },
): Uint8Array {
  const body = message(undefined, (encoder) => {
    writeVarUint(encoder, 1);
    writeVarUint(encoder, clientId);
    writeVarUint(encoder, clock);
    writeVarString(encoder, state);
  });
  return message(prefix, (encoder) => {
    writeVarUint(encoder, awareness);
    writeVarUint8Array(encoder, body);
  });
}

async function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, "open");
  return socket;
}

const yWebsocket = (path: string): Dialect => ({
  connect: (port, room, person) => open(`ws://127.0.0.1:${port}${path}/${room}?as=${person}`),
  update: (_room, update) => updateMessage(undefined, update),
  presence: (_room, entry) => presenceMessage(undefined, entry),
});

export const dialects = {
  lamella: yWebsocket("/sync"),
  "y-websocket": yWebsocket(""),
  /** The room's name stands before every message, and a token is asked for first. */
  hocuspocus: {
    async connect(port, room) {
      const socket = await open(`ws://127.0.0.1:${port}/`);
      const [auth, token] = [2, 0];
      const admitted = once(socket, "message");
      socket.send(
        message(room, (encoder) => {
          writeVarUint(encoder, auth);
          writeVarUint(encoder, token);
          writeVarString(encoder, "anybody");
        }),
      );
      await admitted;
      return socket;
    },
    update: updateMessage,
    presence: presenceMessage,
  } satisfies Dialect,
} as const;
