import { access, copyFile, link, mkdir, rm, truncate, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { FileStore } from "@tus/file-store";
import { EVENTS, Server } from "@tus/server";
import { z } from "zod";
import { errorAnswer, storageTrouble } from "#server/http/error-status.ts";
import type { Ingest } from "./ingest.ts";
import { shownFileName, UploadError } from "./receive-file.ts";
import { createId } from "./record-id.ts";
import { mostStackFiles, type StackPlace } from "./stack-parts.ts";
import { uploadsFolder } from "./watched-files.ts";

/** Unfinished uploads are kept this long for their sender to come back. */
const keptMs = 7 * 24 * 3600 * 1000;

/** What the protocol answers where bytes are not those announced. */
const checksumMismatch = 460;

export interface UploadFacts {
  readonly projectId: string;
  readonly principalId: string;
}

/** Resumable uploads by the tus protocol. Who may do what is settled before a request gets here. */
export interface Uploads {
  /** Whose upload a path names; undefined where there is none. */
  facts(uploadId: string): Promise<UploadFacts | undefined>;
  /**
   * @param principalId who asks; recorded with a new upload
   * @param onBegun told when a new upload counts among the unfinished
   */
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    principalId: string,
    onBegun?: () => void,
  ): Promise<void>;
  /** What was announced and has not arrived whole: its bytes are promised a place. */
  unfinished(): readonly (UploadFacts & { readonly bytes: number })[];
  /** Hands over what arrived whole just before the process died, and drops what nobody came back for. */
  resume(): Promise<void>;
}

interface Sender {
  readonly principalId: string;
  readonly onBegun: (() => void) | undefined;
  begun?: string;
}

export const uploadsPath = "/api/v1/uploads";

export function createUploads(ingest: Ingest): Uploads {
  const folder = join(ingest.workFolder, "uploads");
  const store = new FileStore({ directory: folder, expirationPeriodInMilliseconds: keptMs });
  const senders = new WeakMap<object, Sender>();
  const unfinished = new Map<string, UploadFacts & { readonly bytes: number; readonly sinceMs: number }>();

  type Metadata = Record<string, string | null>;
  interface Finished {
    readonly id: string;
    readonly size?: number | undefined;
    readonly metadata?: Metadata | undefined;
  }

  /**
   * The finished file becomes a source; then its place is taken by an empty (sparse) file of the same length, so that a
   * sender who lost the last answer is told that all has arrived instead of sending it again.
   */
  const finish = async (upload: Finished): Promise<string | undefined> => {
    const { projectId, principalId, filename, relativePath, stack, sha256 } = upload.metadata ?? {};
    if (!projectId || !principalId || upload.size === undefined) return undefined;
    const path = join(folder, upload.id);
    const adopt = async () => {
      const own = join(ingest.workFolder, "incoming", createId());
      await link(path, own).catch(() => copyFile(path, own));
      const adopted = await ingest.adoptFile(own, {
        projectId,
        principalId,
        fileName: filename ?? "unnamed",
        watched: { folder: uploadsFolder, path: upload.id, bytes: upload.size!, modifiedMs: 0 },
        ...(relativePath ? { relativePath } : {}),
        ...(sha256 ? { announcedSha256: sha256.toLowerCase() } : {}),
        ...stackPlaceOf(stack),
      });
      return adopted.sourceId;
    };
    // A process that died right after the record was written has left the upload as it was.
    const sourceId = (await ingest.takenAs(uploadsFolder, upload.id)) ?? (await adopt());
    const record = await store.configstore.get(upload.id);
    if (record) {
      record.metadata = { ...upload.metadata, sourceId };
      await store.configstore.set(upload.id, record);
    }
    await rm(path, { force: true });
    await writeFile(path, "");
    await truncate(path, upload.size);
    return sourceId;
  };

  const server = new Server({
    path: uploadsPath,
    datastore: store,
    relativeLocation: true,
    maxSize: ingest.limits.maxFileBytes,
    allowedOrigins: () => false,
    async onUploadCreate(request, upload) {
      const node = request.runtime?.node?.req;
      const sender = node && senders.get(node);
      if (!sender) throw { status_code: 401, body: refusalBody("unknown-sender", "Sign in to upload.") };
      const { principalId } = sender;
      const { projectId } = upload.metadata ?? {};
      if (projectId && upload.size !== undefined) {
        unfinished.set(upload.id, { projectId, principalId, bytes: upload.size, sinceMs: Date.now() });
        sender.begun = upload.id;
        sender.onBegun?.();
      }
      return { metadata: { ...upload.metadata, principalId } };
    },
    async onUploadFinish(_request, upload) {
      const sourceId = await finish(upload).catch(async (error: unknown) => {
        unfinished.delete(upload.id);
        if (!(error instanceof UploadError)) throw error;
        await store.remove(upload.id);
        throw { status_code: checksumMismatch, body: refusalBody(error.code, error.message) };
      });
      unfinished.delete(upload.id);
      return sourceId === undefined ? {} : { headers: { "x-lamella-source": sourceId } };
    },
    onResponseError(_request, error) {
      const trouble = storageTrouble(error);
      if (trouble) {
        const { status, body } = errorAnswer(trouble, "");
        return { status_code: status, body: JSON.stringify(body) };
      }
      if (!("status_code" in error)) return undefined;
      const { status_code, body } = error;
      return { status_code, body: body.startsWith("{") ? body : refusalBody("upload", body.trim()) };
    },
  });

  server.on(EVENTS.POST_TERMINATE, (_request, _response, id) => void unfinished.delete(id));

  return {
    unfinished() {
      for (const [id, { sinceMs }] of unfinished) if (sinceMs < Date.now() - keptMs) unfinished.delete(id);
      return [...unfinished.values()];
    },

    async facts(uploadId) {
      const { projectId, principalId } = (await store.configstore.get(uploadId))?.metadata ?? {};
      return projectId && principalId ? { projectId, principalId } : undefined;
    },

    async handle(request, response, principalId, onBegun) {
      const sender: Sender = { principalId, onBegun };
      senders.set(request, sender);
      await server.handle(request, response);
      // Refused after all, by the disk for instance.
      if (sender.begun !== undefined && response.statusCode >= 400) unfinished.delete(sender.begun);
    },

    async resume() {
      // The store makes its folder, too, and does not say when.
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (const id of (await store.configstore.list?.()) ?? []) {
        const complete = await store.getUpload(id).catch(() => undefined);
        if (!complete || complete.metadata?.sourceId || complete.size === undefined) continue;
        if (complete.offset === complete.size) {
          const refused = async (error: unknown) => {
            if (!(error instanceof UploadError)) throw error;
            await store.remove(id);
          };
          if (await exists(join(folder, id))) await finish(complete).catch(refused);
          continue;
        }
        const { projectId, principalId } = complete.metadata ?? {};
        const sinceMs = Date.parse(complete.creation_date ?? "") || Date.now();
        if (projectId && principalId)
          unfinished.set(id, { projectId, principalId, bytes: complete.size, sinceMs });
      }
      await store.deleteExpired();
    },
  };
}

const stackPlace = z.object({
  id: z.string().regex(/^[\w-]{8,64}$/),
  name: z.string().min(1).max(200),
  count: z.number().int().min(2).max(mostStackFiles),
  index: z.number().int().min(0).max(mostStackFiles),
});

/** Which frame of which stack the file is, as JSON; what is no such thing leaves it a file of its own. */
export function stackPlaceOf(text: string | null | undefined): { readonly stack?: StackPlace } {
  try {
    const { success, data } = stackPlace.safeParse(JSON.parse(text ?? "null"));
    return success && data.index < data.count ? { stack: { ...data, name: shownFileName(data.name) } } : {};
  } catch {
    return {};
  }
}

/** Metadata of a tus creation request: pairs of a name and a base64 value. */
export function uploadMetadata(header: string | undefined): ReadonlyMap<string, string> {
  const pairs = (header ?? "").split(",").map((pair) => pair.trim().split(" "));
  return new Map(
    pairs.map(([name = "", value = ""]) => [name, Buffer.from(value, "base64").toString("utf8")]),
  );
}

function refusalBody(code: string, message: string): string {
  return JSON.stringify({ error: { code, message } });
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
