import { z } from "zod";

const isoTime = z.string();

/** POST /administration/projects/:id/visit: the reason is read by every member. */
export const visitProject = z.object({ reason: z.string().trim().min(10).max(500) });
/** By which an administrator who is no member reads a project, and until when. */
export const projectVisit = z.object({ reason: z.string(), until: isoTime });

export type ProjectVisit = z.infer<typeof projectVisit>;
