import type { Role } from "#core/protocol/roles.ts";

/** What each role lets a person do, in words for an invitation. */
export const roleWords: Readonly<Record<Role, string>> = {
  reader: "look at the micrographs, marks and numbers",
  commenter: "look and comment",
  annotator: "look, comment, draw and measure",
  reviewer: "draw, measure and decide on marks",
  owner: "everything, including sharing and deleting",
};
