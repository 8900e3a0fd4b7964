import { z } from "zod";
import { id, isoTime, role } from "./shapes.ts";

/** GET /invitations/:token: what a link offers before it is accepted. */
export const invitationOffer = z.object({
  projectId: id,
  projectName: z.string(),
  role,
  invitedBy: z.string(),
  expiresAt: isoTime,
  /** True where a member must let the guest in. */
  waitingRoom: z.boolean(),
  path: z.string(),
});
/** POST /invitations/:token/accept {name}: makes a guest (or joins the signed-in person). "waiting" → poll GET /session. */
export const invitationAccept = z.object({ name: z.string().min(1).max(80) });
export const invitationAccepted = z.object({ state: z.enum(["in", "waiting"]), path: z.string() });

export const createInvitation = z.object({
  role: role.default("commenter"),
  expiresInDays: z.number().positive().max(365).default(14),
  maxUses: z.number().int().positive().nullable().default(null),
  waitingRoom: z.boolean().default(true),
  /** Where the guest lands: a path within the app with the view in its query. */
  path: z.string().startsWith("/").optional(),
});
export const invitation = z.object({
  id,
  role,
  url: z.string().optional(), // only in the answer to its creation
  createdBy: z.string(),
  expiresAt: isoTime,
  maxUses: z.number().nullable(),
  uses: z.number(),
  waitingRoom: z.boolean(),
  revoked: z.boolean(),
});
/** GET /projects/:id/waiting: guests at the door. POST /projects/:id/waiting/:guestId {admit} */
export const waitingGuest = z.object({ id, name: z.string(), since: isoTime });
export const admit = z.object({ admit: z.boolean() });
/** DELETE /projects/:id/invitations/:invitationId?guests=remove */
export const revokeInvitation = z.object({ guests: z.enum(["keep", "remove"]).default("keep") });

export type CreateInvitation = z.input<typeof createInvitation>;
export type InvitationAccepted = z.infer<typeof invitationAccepted>;
export type WaitingGuest = z.infer<typeof waitingGuest>;
export type Invitation = z.infer<typeof invitation>;
export type InvitationOffer = z.infer<typeof invitationOffer>;
