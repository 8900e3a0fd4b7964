import type * as Y from "yjs";
import type { Calibration } from "#core/micrograph/calibration.ts";
import type { InvalidRecord } from "#core/schema/annotation.ts";
import {
  type CalibrationRecord,
  validator as calibrationRecord,
} from "#core/schema/records/calibration-record.ts";
import { type Comment, validator as comment } from "#core/schema/records/comment.ts";
import { type Link, validator as link } from "#core/schema/records/link.ts";
import { type StackLog, validator as stackLog } from "#core/schema/records/stack-log.ts";
import { type Thread, validator as thread } from "#core/schema/records/thread.ts";
import { putRecord, readCollection } from "./record-collection.ts";

/** The room `micrograph:<id>:record`: calibration, comments, links. Written by the server only. */
const calibrations = { name: "calibrations", validator: calibrationRecord };
const comments = { name: "comments", validator: comment };
const threads = { name: "threads", validator: thread };
const links = { name: "links", validator: link };
const logs = { name: "logs", validator: stackLog };

/** A discussion: its comments by time, and what it is about (its first comment says). */
export interface CommentThread {
  readonly id: string;
  readonly annotationId: string | null;
  readonly at: Comment["at"];
  readonly resolved: boolean;
  readonly comments: readonly Comment[];
}

export interface MicrographRecord {
  /** Rising version number; the last one counts. */
  readonly calibrations: readonly CalibrationRecord[];
  /** The version that counts now, or null where nobody calibrated: then the file's own counts. */
  readonly calibration: Calibration | null;
  readonly threads: readonly CommentThread[];
  readonly links: ReadonlyMap<string, Link>;
  /** Versions of the log beside a stack, rising; the last one counts. */
  readonly logs: readonly StackLog[];
  readonly invalid: readonly InvalidRecord[];
}

/** Everything in a micrograph's record room that can be read. */
export function readRecord(doc: Y.Doc): MicrographRecord {
  const invalid: InvalidRecord[] = [];
  const versions = [...readCollection(doc, calibrations, invalid).values()].sort(
    (a, b) => a.number - b.number,
  );
  return {
    calibrations: versions,
    calibration: versions.at(-1)?.calibration ?? null,
    threads: readThreads(doc, invalid),
    links: readCollection(doc, links, invalid),
    logs: [...readCollection(doc, logs, invalid).values()].sort((a, b) => a.number - b.number),
    invalid,
  };
}

function readThreads(doc: Y.Doc, invalid: InvalidRecord[]): readonly CommentThread[] {
  const settled = readCollection(doc, threads, invalid);
  const byThread = new Map<string, Comment[]>();
  for (const value of readCollection(doc, comments, invalid).values()) {
    const members = byThread.get(value.threadId);
    if (members) members.push(value);
    else byThread.set(value.threadId, [value]);
  }
  return [...byThread].map(([id, members]) => {
    members.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
    const first = members.find((member) => member.id === id) ?? members[0]!;
    const { annotationId, at } = first;
    return { id, annotationId, at, resolved: settled.get(id)?.resolved ?? false, comments: members };
  });
}

/** Add a version of the calibration; its number is one above the highest there is. */
export function addCalibration(doc: Y.Doc, version: Omit<CalibrationRecord, "number">): CalibrationRecord {
  const highest = readRecord(doc).calibrations.at(-1)?.number ?? 0;
  const record = { ...version, number: highest + 1 };
  putRecord(doc, calibrations, record.id, record);
  return record;
}

/** Add a version of the log beside the stack; its number is one above the highest there is. */
export function addLogVersion(doc: Y.Doc, version: Omit<StackLog, "number">): StackLog {
  const highest = readRecord(doc).logs.at(-1)?.number ?? 0;
  const record = { ...version, number: highest + 1 };
  putRecord(doc, logs, record.id, record);
  return record;
}

export function putComment(doc: Y.Doc, value: Comment): void {
  putRecord(doc, comments, value.id, value);
}

export function putThread(doc: Y.Doc, value: Thread): void {
  putRecord(doc, threads, value.id, value);
}

export function putLink(doc: Y.Doc, value: Link): void {
  putRecord(doc, links, value.id, value);
}
