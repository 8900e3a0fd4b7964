import { gzipSync } from "node:zlib";
import * as Y from "yjs";
import type { StoredMarks } from "#core/document/restore-marks.ts";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { Annotation } from "#core/schema/annotation.ts";
import type { MarkChangeWord } from "#core/schema/mark-change.ts";
import type { Pack } from "./kept-pack.ts";
import { replayedDocument } from "./replayed-document.ts";
import type { ServerEdit, ServerEditResult } from "./server-edit.ts";
import { statePieces } from "./state-pieces.ts";
import type { Written } from "./written-json.ts";

/** A room's content as bytes, in the order to apply: a whole state, then updates. */
export type Parts = readonly Uint8Array[];

export interface ReplayedUpdate {
  readonly bytes: Uint8Array;
  /** Marks to be looked at. */
  readonly touched: readonly string[];
}

/** What an update did to a mark. The mark as it was after it, or before where it is gone; null where it can be read in neither. */
export interface MarkChange {
  readonly annotationId: string;
  readonly words: readonly MarkChangeWord[];
  readonly mark: Annotation | null;
}

export interface ClassCount {
  /** Null: marks of no class. */
  readonly classId: string | null;
  readonly count: number;
}

/**
 * What is worked out from a room's bytes alone, without the room: a Y.Doc is made, read or written, and let go. For a
 * large room each of these takes seconds of processor time; `ReplayThreads` does them where they stall nobody.
 */
export interface Replay {
  /** One whole state of everything. */
  fold(parts: Parts): Promise<Uint8Array>;
  /** The same in pieces, for whoever opens the room. */
  pack(parts: Parts): Promise<Pack>;
  /** An update under this client id that folds the outlines, or null; and which marks are deleted now. */
  tidy(
    parts: Parts,
    clientId: number,
  ): Promise<{ readonly update: Uint8Array | null; readonly deletedMarks: readonly string[] }>;
  /** How many marks are deleted and not purged yet. */
  countDeleted(parts: Parts): Promise<number>;
  /** An update under this client id that removes these marks where they are deleted, or null. */
  purge(parts: Parts, clientId: number, marks: readonly string[]): Promise<Uint8Array | null>;
  /** An update under this client id that does the edit, or null where it changes nothing; and what came of it. */
  write<Edit extends ServerEdit>(
    parts: Parts,
    clientId: number,
    edit: Edit,
  ): Promise<{ readonly update: Uint8Array | null; readonly result: ServerEditResult<Edit> }>;
  /** What each of these updates did to the marks it touched, replayed one after the other on `parts`: what people see. */
  changes(parts: Parts, updates: readonly ReplayedUpdate[]): Promise<readonly (readonly MarkChange[])[]>;
  /** How many marks there are of each class. */
  countByClass(parts: Parts): Promise<readonly ClassCount[]>;
  /** The marks in native JSON, as it is sent. */
  annotations(parts: Parts): Promise<Written>;
  /** Every number of them: a JSON array, as it is sent. */
  measurements(parts: Parts, calibration: Calibration): Promise<Written>;
  /** These marks, or all, as they are stored. */
  marks(parts: Parts, ids?: readonly string[]): Promise<StoredMarks>;
}

/** Loaded when it is first asked for: whoever only passes edits on does without all that knows what a mark is. */
const ofMarks = async () => (await import("./replay-of-marks.ts")).replayOfMarks;

export const replayHere: Replay = {
  fold: async (parts) => Y.encodeStateAsUpdate(replayedDocument(parts)),
  async pack(parts) {
    const state = parts.length === 1 ? parts[0]! : Y.mergeUpdates([...parts]);
    return {
      vector: Y.encodeStateVectorFromUpdate(state),
      pieces: statePieces(state).map((piece) => new Uint8Array(gzipSync(piece, { level: 6 }))),
    };
  },
  tidy: async (...of) => (await ofMarks()).tidy(...of),
  countDeleted: async (...of) => (await ofMarks()).countDeleted(...of),
  purge: async (...of) => (await ofMarks()).purge(...of),
  write: async (...of) => (await ofMarks()).write(...of),
  changes: async (...of) => (await ofMarks()).changes(...of),
  countByClass: async (...of) => (await ofMarks()).countByClass(...of),
  annotations: async (...of) => (await ofMarks()).annotations(...of),
  measurements: async (...of) => (await ofMarks()).measurements(...of),
  marks: async (...of) => (await ofMarks()).marks(...of),
};
