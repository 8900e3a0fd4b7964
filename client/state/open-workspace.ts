import { createStore } from "zustand/vanilla";
import { type AnnotationSession, openAnnotationSession } from "#client/session/annotation-session.ts";
import { openRecordSession, openSharedSession } from "#client/session/shared-session.ts";
import type { ProjectRecords, RecordsState } from "./project-records.ts";

export interface OpenWorkspace {
  readonly session: AnnotationSession;
  readonly records: ProjectRecords;
  close(): void;
}

/** The three rooms behind one micrograph, opened together and closed together. */
export function openWorkspace(micrographId: string, projectId: string, principalId: string): OpenWorkspace {
  const serverUrl = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}`;
  const session = openAnnotationSession({ micrographId, serverUrl, principalId });
  const shared = openSharedSession({ projectId, serverUrl, principalId });
  const record = openRecordSession({ micrographId, serverUrl, principalId });
  const read = (): RecordsState => {
    const { classes, interfaces } = shared.store.getState().value;
    const { threads, calibration } = record.store.getState().value;
    return { classes: [...classes.values()], interfaces: [...interfaces.values()], threads, calibration };
  };
  const records = createStore(read);
  const leaveShared = shared.store.subscribe(() => records.setState(read()));
  const leaveRecord = record.store.subscribe(() => records.setState(read()));
  return {
    session,
    records,
    close() {
      leaveShared();
      leaveRecord();
      void session.close();
      void shared.close();
      void record.close();
    },
  };
}
