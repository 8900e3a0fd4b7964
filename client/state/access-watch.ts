import { formatRoomName } from "#core/protocol/rooms.ts";

const firstRetryMs = 500;
const longestRetryMs = 15_000;

/**
 * Learn at once when one's rights in a project change, without opening its rooms: a socket on the shared room that only
 * listens for its end. The server closes it when a role changes, somebody is taken out, or the sign-in ends.
 *
 * @param changed asked after every such end; resolves with whether to go on listening
 * @returns stops listening
 */
export function watchAccess(projectId: string, changed: () => Promise<boolean>): () => void {
  const room = formatRoomName({ kind: "shared", projectId });
  const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/sync/${room}`;
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let attempts = 0;
  let stopped = false;
  const later = () => {
    const delayMs = Math.min(longestRetryMs, firstRetryMs * 2 ** attempts++);
    timer = setTimeout(listen, delayMs * (0.75 + Math.random() / 2));
  };
  const listen = () => {
    socket = new WebSocket(address);
    socket.addEventListener("message", () => {
      attempts = 0;
    });
    socket.addEventListener("close", ({ code }) => {
      if (stopped) return;
      // Below 4400 the line broke; from there on the server says why.
      if (code < 4400) return later();
      void changed().then((goOn) => {
        if (goOn && !stopped) later();
      });
    });
  };
  listen();
  return () => {
    stopped = true;
    if (timer !== null) clearTimeout(timer);
    socket?.close();
  };
}
