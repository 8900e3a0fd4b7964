import type { Refusal } from "#core/protocol/messages.ts";

/** Every refusal there is, as the screen says it: what was expected, what came, what to do. */
export const refusals = {
  role: {
    code: "role",
    what: "Expected a role that may annotate; yours may read. Ask an owner of the project for another role.",
  },
  author: {
    code: "author",
    what: "Expected edits under a client id of your own; this one belongs to somebody else. A fresh document is opened.",
  },
  deletion: {
    code: "author",
    what: "Expected a mark to be deleted by setting its `deleted` field; this update removes a record. Delete it again from the page.",
  },
  replacement: {
    code: "author",
    what: "Expected a new mark under a new key; this update puts another record in the place of one that exists.",
  },
  unreadable: {
    code: "malformed",
    what: "Expected a Yjs update; these bytes cannot be read as one. Reload the page.",
  },
  malformed: {
    code: "malformed",
    what: "Expected a Yjs update without gaps, collected structs or subdocuments; this one is none. Reload the page.",
  },
  jump: {
    code: "malformed",
    what: "Expected an update that continues what the room has; this one is more than a million clocks ahead. Reload the page.",
  },
  epoch: {
    code: "epoch",
    what: "This room was restored since your copy was made; your copy is kept aside, and a fresh one is opened.",
  },
  size: (most: number, got: number): Refusal => ({
    code: "size",
    what: `Expected an update of at most ${most} bytes; got ${got}. Send it in parts.`,
  }),
  tooManyDocuments: (most: number): Refusal => ({
    code: "quota",
    what: `Expected at most ${most} new documents of one person in an hour; try again later.`,
  }),
  roomFull: (most: number): Refusal => ({
    code: "quota",
    what: `This room is full (${most} bytes); remove marks, or ask an owner.`,
  }),
  tooManyMarks: (most: number, held: number, added: number): Refusal => ({
    code: "quota",
    what: `A micrograph may hold ${most} marks; this one has ${held} and would get ${added} more. Delete some, and after a few seconds there is room; or ask your administrator for more.`,
  }),
} as const satisfies Record<string, Refusal | ((...numbers: number[]) => Refusal)>;

/** Why a socket whose edit the disk refused is closed: no refusal, the client keeps it and comes back. */
export const storageTrouble = "The server could not store this edit; it stays with you and is sent again.";
