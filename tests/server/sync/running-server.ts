import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import type { DocumentLog } from "#server/storage/document-log.ts";
import { MemoryDocumentLog } from "#server/storage/memory/memory-document-log.ts";
import type { Admission } from "#server/sync/admission.ts";
import type { RoomLimits } from "#server/sync/limits.ts";
import type { Replay } from "#server/sync/replay.ts";
import { RoomServer } from "#server/sync/room-server.ts";

/** The tests' admission: the person and the role stand in the query; "nobody" is refused. */
export async function admitByQuery(request: { readonly url?: string | undefined }): Promise<Admission> {
  const query = new URL(request.url ?? "/", "http://localhost").searchParams;
  const name = query.get("as") ?? "anna";
  if (name === "nobody") return { admit: false, closeCode: 4401, reason: "Sign in." };
  return {
    admit: true,
    principal: { principalId: `p-${name}`, name: `${name} (from the session)`, colour: "#224466" },
    mayWrite: query.get("role") !== "reader",
  };
}

export async function listen(
  rooms: RoomServer,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const http = createServer();
  http.on("upgrade", (request, socket, head) => rooms.handleUpgrade(request, socket, head));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/sync`,
    stop: async () => {
      await rooms.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

export async function startServer(
  options: {
    readonly log?: DocumentLog;
    readonly limits?: Partial<RoomLimits>;
    readonly replay?: Replay;
  } = {},
): Promise<{
  readonly rooms: RoomServer;
  readonly url: string;
  readonly log: DocumentLog;
  readonly reports: string[];
}> {
  const log = options.log ?? new MemoryDocumentLog();
  const reports: string[] = [];
  const rooms = new RoomServer({
    log,
    authorise: admitByQuery,
    limits: options.limits ?? {},
    ...(options.replay ? { replay: options.replay } : {}),
    report: (event) => void reports.push(event),
  });
  const { url, stop } = await listen(rooms);
  onTestFinished(stop);
  return { rooms, url, log, reports };
}

/** The provider as it comes, with nothing of ours. */
export function stockProvider(
  url: string,
  room: string,
  params: { readonly as?: string; readonly role?: string } = {},
  doc = new Y.Doc(),
): { readonly doc: Y.Doc; readonly provider: WebsocketProvider } {
  const provider = new WebsocketProvider(url, room, doc, {
    WebSocketPolyfill: WebSocket as never,
    disableBc: true,
    params: { ...params } as Record<string, string>,
    maxBackoffTime: 200,
  });
  onTestFinished(() => {
    provider.destroy();
    doc.destroy();
  });
  return { doc, provider };
}

/** Resolves when `holds` does, looked at after every change of any of the documents. */
export function whenDocuments(docs: readonly Y.Doc[], holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!holds()) return;
      for (const doc of docs) doc.off("update", look);
      resolve();
    };
    for (const doc of docs) doc.on("update", look);
    look();
  });
}

export const synced = (provider: WebsocketProvider): Promise<void> =>
  provider.synced ? Promise.resolve() : new Promise((resolve) => provider.once("sync", () => resolve()));
