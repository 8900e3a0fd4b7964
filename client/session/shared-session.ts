import { createStore, type StoreApi } from "zustand/vanilla";
import { type MicrographRecord, readRecord } from "#core/document/record-document.ts";
import { readShared, type SharedRecords } from "#core/document/shared-document.ts";
import { formatRoomName } from "#core/protocol/rooms.ts";
import { CopyStore } from "./copy-store.ts";
import { RoomCopy } from "./room-copy.ts";

/** A room that the server writes from HTTP commands: read here, live, also offline from the local copy. */
export interface ReadSession<Value> {
  /** Replaced as a whole on every change. `synced`: the server's state has arrived. */
  readonly store: StoreApi<{ readonly value: Value; readonly synced: boolean }>;
  reconnect(): void;
  /** Close, and delete the copy on this computer. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

export interface ReadSessionOptions {
  /** Base of the server's WebSocket address: ws://host:port or wss://host. */
  readonly serverUrl: string;
  readonly principalId: string;
  readonly WebSocketImpl?: typeof WebSocket;
  readonly localCopy?: boolean;
  readonly ticket?: () => Promise<string>;
}

/** Classes, objects, interfaces and series of a project. */
export function openSharedSession(
  options: ReadSessionOptions & { readonly projectId: string },
): ReadSession<SharedRecords> {
  return openReadSession(
    formatRoomName({ kind: "shared", projectId: options.projectId }),
    readShared,
    options,
  );
}

/** Calibration, comments and links of a micrograph. */
export function openRecordSession(
  options: ReadSessionOptions & { readonly micrographId: string },
): ReadSession<MicrographRecord> {
  return openReadSession(
    formatRoomName({ kind: "record", micrographId: options.micrographId }),
    readRecord,
    options,
  );
}

function openReadSession<Value>(
  room: string,
  read: (doc: RoomCopy["doc"]) => Value,
  options: ReadSessionOptions,
): ReadSession<Value> {
  const { serverUrl, principalId, ticket } = options;
  const keeps = options.localCopy ?? typeof indexedDB !== "undefined";
  const kept = keeps ? new CopyStore(serverUrl, room, principalId) : null;
  let closed = false;
  let copy = openCopy();
  const store = createStore(() => ({ value: read(copy.doc), synced: false }));

  function openCopy(): RoomCopy {
    const opened: RoomCopy = new RoomCopy({
      serverUrl,
      room,
      WebSocketImpl: options.WebSocketImpl ?? WebSocket,
      ticket,
      principalId,
      store: kept,
      withPresence: false,
      // Nothing of a person's is in it: an outdated copy is thrown away and fetched anew.
      onRefused: () => void restart(opened),
      onChange: () => {
        if (opened === copy) note();
      },
    });
    opened.doc.on("update", () => {
      if (opened === copy) store.setState({ value: read(opened.doc) });
    });
    return opened;
  }

  async function restart(refused: RoomCopy): Promise<void> {
    await refused.forget();
    if (closed) return;
    copy = openCopy();
  }

  function note(): void {
    const synced = copy.connection?.synced ?? false;
    if (!closed && synced !== store.getState().synced) store.setState({ synced });
  }

  return {
    store,
    reconnect: () => copy.connection?.connect(),
    async forget() {
      closed = true;
      await copy.forget();
      await kept?.close();
    },
    async close() {
      closed = true;
      await copy.close();
      await kept?.close();
    },
  };
}
