/** Roles within a project, weakest first. */
export const roles = ["reader", "commenter", "annotator", "reviewer", "owner"] as const;
export type Role = (typeof roles)[number];

/** What a role may do. *download originals* is a right of its own, given beside the role. */
export const rights = ["see", "comment", "annotate", "decide", "download-originals", "manage"] as const;
export type Right = (typeof rights)[number];

const rightsOfRole: Readonly<Record<Role, readonly Right[]>> = {
  reader: ["see"],
  commenter: ["see", "comment"],
  annotator: ["see", "comment", "annotate"],
  reviewer: ["see", "comment", "annotate", "decide"],
  owner: ["see", "comment", "annotate", "decide", "download-originals", "manage"],
};

/** True where the role alone, or the separately granted download right, allows it. */
export function roleAllows(role: Role, right: Right, mayDownloadOriginals = false): boolean {
  return rightsOfRole[role].includes(right) || (right === "download-originals" && mayDownloadOriginals);
}
