import { expect, it } from "vitest";
import { newestComment, unreadComments } from "#client/state/read-marks.ts";
import type { Comment } from "#core/schema/records/comment.ts";

const comment = (id: string, author: string, minute: number, deleted = false): Comment => ({
  id,
  threadId: "t",
  annotationId: null,
  at: null,
  text: "x",
  author,
  createdAt: `2026-11-22T10:0${minute}:00.000Z`,
  editedAt: null,
  deleted,
});
const threads = [
  { comments: [comment("a", "mei", 1), comment("b", "me", 2)] },
  { comments: [comment("c", "mei", 3), comment("d", "mei", 4, true)] },
];

it("others' comments after what was read are unread; my own and deleted ones are not", () => {
  expect([...unreadComments(threads, undefined, "me")]).toEqual(["a", "c"]);
  expect([...unreadComments(threads, "2026-11-22T10:01:00.000Z", "me")]).toEqual(["c"]);
  expect(unreadComments(threads, newestComment(threads)!, "me").size).toBe(0);
  expect(newestComment([])).toBeNull();
});
