import { z } from "zod";

/** Where else a record is known: an ELN entry, a repository, a sample database. */
export const externalLinks = z.array(z.object({ label: z.string().min(1).max(200), url: z.string().url() }));
