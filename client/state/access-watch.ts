import { formatRoomName } from "#core/protocol/rooms.ts";
import { serverUrl } from "./open-workspace.ts";

const firstRetryMs = 500;
const longestRetryMs = 15_000;

/**
 * Learn at once when one's rights in a project change, without opening its rooms: a socket on the shared room that only
 * listens for its end. The server ends it when somebody gets another role (they come back), is taken out, or signs out.
 * What changed while nobody listened was not heard, so every beginning counts as well.
 *
 * @param changed asks for what one may see now; `isFirst`: listening begins, and what the page knows is seldom older
 * @returns stops listening
 */
export function watchAccess(projectId: string, changed: (isFirst: boolean) => Promise<unknown>): () => void {
  const room = formatRoomName({ kind: "shared", projectId });
  const address = `${serverUrl()}/sync/${room}`;
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let attempts = 0;
  let stopped = false;
  let isFirst = true;
  const later = () => {
    const delayMs = Math.min(longestRetryMs, firstRetryMs * 2 ** attempts++);
    timer = setTimeout(listen, delayMs * (0.75 + Math.random() / 2));
  };
  const listen = () => {
    socket = new WebSocket(address);
    let heard = false;
    socket.addEventListener("message", () => {
      attempts = 0;
      if (heard) return;
      heard = true;
      void changed(isFirst);
      isFirst = false;
    });
    socket.addEventListener("close", ({ code }) => {
      if (stopped) return;
      // Below 4400 the line broke; from there on the server says why.
      if (code < 4400) return later();
      void changed(false).then(() => {
        if (!stopped) later();
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
