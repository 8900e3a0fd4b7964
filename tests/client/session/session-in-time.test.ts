import { expect, it } from "vitest";
import * as Y from "yjs";
import { createStore } from "zustand/vanilla";
import type { AnnotationSession } from "#client/session/annotation-session.ts";
import { momentDocument } from "#client/session/moment-document.ts";
import { sessionInTime } from "#client/session/session-in-time.ts";
import { type AnnotationDocument, openAnnotationDocument } from "#core/document/annotation-document.ts";
import type { PresenceState } from "#core/protocol/presence.ts";
import { square } from "#tests/server/sync/square.ts";

it("shows an earlier moment to whoever reads the session, without a way to write into it, and now again", () => {
  const live = openAnnotationDocument(new Y.Doc());
  live.execute({ type: "create", id: "then", annotation: square });
  const then = [...live.annotations().values()];
  live.execute({ type: "create", id: "since", annotation: square });

  const past = createStore<AnnotationDocument | null>(() => null);
  const others = new Map<number, PresenceState>([
    [7, { cursor: { x: 1, y: 2, frame: 0 }, selection: ["since"], draft: null }],
  ]);
  const presence = { others: () => others, setLocal: () => {}, subscribe: () => () => {} };
  const current = createStore(() => ({ document: live }));
  const session = { document: live, current, presence } as unknown as AnnotationSession;
  const inTime = sessionInTime(session, past);
  const told: string[][] = [];
  const leave = inTime.current.subscribe(
    ({ document }) => void told.push([...document.annotations().keys()]),
  );
  expect([...inTime.document.annotations().keys()]).toEqual(["then", "since"]);
  expect(inTime.presence.others()).toBe(others);

  past.setState(momentDocument(then), true);
  expect([...inTime.document.annotations().keys()]).toEqual(["then"]);
  // Authors are those of then: the mark is the very record, with the client that made it.
  expect(inTime.document.get("then")!.authorClient).toBe(live.doc.clientID);
  expect(() => inTime.document.execute({ type: "delete", ids: ["then"] })).toThrow(/Go back to now/);
  expect(inTime.document.undo().state).toBe("nothing");
  expect([...live.annotations().keys()]).toEqual(["then", "since"]);
  // Who holds and draws what belongs to now; one and the same map while nothing changes.
  expect(inTime.presence.others().get(7)).toEqual({ cursor: { x: 1, y: 2, frame: 0 } });
  expect(inTime.presence.others()).toBe(inTime.presence.others());

  past.setState(null, true);
  expect(inTime.presence.others()).toBe(others);
  leave();
  past.setState(momentDocument(then), true);
  expect(told).toEqual([["then"], ["then", "since"]]);
});
