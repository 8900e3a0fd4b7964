import { z } from "zod";
import { validator as attachmentRecord } from "#core/schema/records/attachment.ts";

/** Shapes of /projects/:id/attachments: any file on any record, kept untouched. */

const id = z.string().regex(/^[A-Za-z0-9_-]{8,40}$/);

/** Records that a file can be attached to. */
export const attachable = z.enum(["project", "micrograph", "specimen", "session", "series"]);

export const attachment = attachmentRecord.extend({
  /** True where it may hold columns of numbers: GET …/columns tries to read them. */
  plottable: z.boolean(),
});
export const attachments = z.object({ attachments: z.array(attachment) });

/** POST /projects/:id/attachments?type=&on=&name= with the file's bytes as the body. */
export const newAttachment = z.object({ type: attachable, on: id, name: z.string().min(1).max(1000) });

/** POST /sources/:id/attach: a file that held no picture goes to the record it belongs to. */
export const attachSource = z.object({ type: attachable, on: id });

/** GET /projects/:id/attachments/:attachmentId/columns */
export const columns = z.object({
  title: z.string(),
  x: z.object({ label: z.string(), values: z.array(z.number()) }),
  ys: z.array(z.object({ label: z.string(), values: z.array(z.number().nullable()) })),
});

export type AttachmentShape = z.infer<typeof attachment>;
export type Attachable = z.infer<typeof attachable>;
export type ColumnsShape = z.infer<typeof columns>;
