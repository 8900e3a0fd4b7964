import { z } from "zod";
import type * as shapes from "./shapes.ts";
import { principal } from "./shapes.ts";

/** PUT /session/name: what others call one; nobody else with an account may have it. */
export const ownName = z.object({ name: z.string().trim().min(1).max(80) });

/** Several people who hold a role together: whoever joins the group later holds it too. */
export const group = z.object({ principal, members: z.array(principal) });
export const newGroup = z.object({ name: z.string().trim().min(1).max(80) });

/** GET /directory: with whom a project can be shared without a link, and to whom it can be given. */
export const directory = z.object({ people: z.array(principal), groups: z.array(group) });

export type Group = z.infer<typeof group>;
export type Directory = z.infer<typeof directory>;

export type OpenSession = z.infer<typeof shapes.openSession>;
export type ApiToken = z.infer<typeof shapes.apiToken>;
export type ApiTokenWithSecret = z.infer<typeof shapes.apiTokenWithSecret>;
export type NewToken = z.input<typeof shapes.newToken>;
export type PersonWithLink = z.infer<typeof shapes.personWithLink>;
export type ProjectEvent = z.infer<typeof shapes.projectEvent>;
export type ProjectUsage = z.infer<typeof shapes.projectUsage>;
