import { createStore } from "zustand/vanilla";
import { type AnnotationSession, openAnnotationSession } from "#client/session/annotation-session.ts";
import { openRecordSession, openSharedSession } from "#client/session/shared-session.ts";
import type { ProjectRecords, RecordsState } from "./project-records.ts";

export interface OpenWorkspace {
  readonly session: AnnotationSession;
  readonly records: ProjectRecords;
  /** After the server ended the connections because rights changed, or after signing in again. */
  reconnect(): void;
  /** Close, and delete what this computer keeps of it. */
  forget(): Promise<void>;
  close(): void;
}

const open = new Set<OpenWorkspace>();

/** Edits made in the rooms open on this page that the server does not have yet. */
export function waitingInOpenWorkspaces(): number {
  let waiting = 0;
  for (const { session } of open) {
    const connection = session.connection.getState();
    if ("waiting" in connection) waiting += connection.waiting;
  }
  return waiting;
}

/** Somebody is at work in a room of this page. */
export function hasOpenWorkspace(): boolean {
  return open.size > 0;
}

/** Ask for every room open on this page anew: somebody has signed in again. */
export function reconnectOpenWorkspaces(): void {
  for (const workspace of open) workspace.reconnect();
}

/** Close every room open on this page and delete its copy from this computer: signing out. */
export async function forgetOpenWorkspaces(): Promise<void> {
  for (const workspace of [...open]) await workspace.forget();
}

/** Base of the address of every room. */
export function serverUrl(): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}`;
}

/** The three rooms behind one micrograph, opened together and closed together. */
export function openWorkspace(micrographId: string, projectId: string, principalId: string): OpenWorkspace {
  const session = openAnnotationSession({ micrographId, serverUrl: serverUrl(), principalId });
  const shared = openSharedSession({ projectId, serverUrl: serverUrl(), principalId });
  const record = openRecordSession({ micrographId, serverUrl: serverUrl(), principalId });
  const read = (): RecordsState => {
    const { value, synced } = shared.store.getState();
    const { threads, calibration, calibrations, logs } = record.store.getState().value;
    const log = logs.at(-1);
    return {
      classes: [...value.classes.values()],
      interfaces: [...value.interfaces.values()],
      objects: [...value.objects.values()],
      threads,
      calibration,
      calibrations,
      log: log?.file ? log : null,
      logs,
      synced,
    };
  };
  const records = createStore(read);
  const leaveShared = shared.store.subscribe(() => records.setState(read()));
  const leaveRecord = record.store.subscribe(() => records.setState(read()));
  const end = (): boolean => {
    leaveShared();
    leaveRecord();
    return open.delete(workspace);
  };
  const workspace: OpenWorkspace = {
    session,
    records,
    reconnect() {
      session.reconnect();
      shared.reconnect();
      record.reconnect();
    },
    async forget() {
      if (!end()) return;
      await Promise.all([session.forgetLocalCopy(), shared.forget(), record.forget()]);
    },
    close() {
      if (!end()) return;
      void session.close();
      void shared.close();
      void record.close();
    },
  };
  open.add(workspace);
  return workspace;
}
