import { create } from "zustand";
import type { DroppedFile } from "./dropped-files.ts";
import type { StackPlace } from "./dropped-stacks.ts";

export interface Upload {
  readonly id: number;
  readonly projectId: string;
  readonly path: string;
  readonly bytes: number;
  readonly sent: number;
  /** stalled: the connection is lost; it goes on by itself where it stopped. */
  readonly phase: "waiting" | "sending" | "stalled" | "done" | "failed";
  readonly reason: string | null;
}

interface UploadState {
  readonly uploads: readonly Upload[];
  /** Those with a place in a stack become its frames. */
  add(projectId: string, files: readonly (DroppedFile & { readonly stack?: StackPlace })[]): void;
  /** Again, for one that failed. */
  retry(id: number): void;
  /** Take finished and failed ones off the list. */
  clear(): void;
}

const atOnce = 2;
const chunkBytes = 8 * 2 ** 20;
const stalledRetryMs = 5000;
const mostHashedBytes = 64 * 2 ** 20;
const files = new Map<number, File>();
const stackOf = new Map<number, StackPlace>();
let lastId = 0;

export const useUploadStore = create<UploadState>()((set) => ({
  uploads: [],
  add: (projectId, dropped) => {
    const added = dropped.map(({ file, path, stack }): Upload => {
      const id = ++lastId;
      files.set(id, file);
      if (stack) stackOf.set(id, stack);
      return { id, projectId, path, bytes: file.size, sent: 0, phase: "waiting", reason: null };
    });
    set(({ uploads }) => ({ uploads: [...uploads, ...added] }));
    startWaiting();
  },
  retry: (id) => {
    change(id, { phase: "waiting", reason: null });
    startWaiting();
  },
  clear: () =>
    set(({ uploads }) => ({
      uploads: uploads.filter(({ phase }) => phase !== "done" && phase !== "failed"),
    })),
}));

function change(id: number, fields: Partial<Upload>): void {
  useUploadStore.setState(({ uploads }) => ({
    uploads: uploads.map((upload) => (upload.id === id ? { ...upload, ...fields } : upload)),
  }));
}

function startWaiting(): void {
  const { uploads } = useUploadStore.getState();
  let room = atOnce - uploads.filter(({ phase }) => phase === "sending" || phase === "stalled").length;
  for (const upload of uploads) {
    if (room <= 0) return;
    if (upload.phase !== "waiting") continue;
    room--;
    change(upload.id, { phase: "sending" });
    void send(upload);
  }
}

/** Resumable: after a lost connection, a reload or a restart of the server it goes on from the last byte confirmed. */
async function send({ id, projectId, path }: Upload): Promise<void> {
  const file = files.get(id);
  if (!file) return;
  const { Upload: TusUpload } = await import("tus-js-client");
  const finish = (phase: "done" | "failed", reason: string | null) => {
    change(id, phase === "done" ? { phase, reason, sent: file.size } : { phase, reason });
    if (phase === "done") files.delete(id);
    startWaiting();
  };
  const stack = stackOf.get(id);
  const upload = new TusUpload(file, {
    endpoint: "/api/v1/uploads",
    chunkSize: chunkBytes,
    headers: { "x-lamella": "1" },
    metadata: {
      ...{ filename: path.slice(path.lastIndexOf("/") + 1), relativePath: path, projectId },
      ...(stack ? { stack: JSON.stringify(stack) } : {}),
      ...(await checksumOf(file)),
    },
    retryDelays: [0, 500, 1500, 3000, 5000],
    removeFingerprintOnSuccess: true,
    // The same file for another project is another upload.
    fingerprint: async () =>
      ["lamella", projectId, path, file.size, file.lastModified, stack?.id ?? ""].join("|"),
    onProgress: (sent) => change(id, { phase: "sending", sent }),
    onSuccess: () => finish("done", null),
    onShouldRetry: (error) => {
      const status = error.originalResponse?.getStatus() ?? 0;
      return status === 0 || status === 423 || status === 429 || status >= 500;
    },
    onError: (error) => {
      const response = "originalResponse" in error ? error.originalResponse : null;
      if (response) return finish("failed", refusalSentence(response.getStatus(), response.getBody()));
      change(id, { phase: "stalled" });
      whenBack(() => upload.start());
    },
  });
  const previous = await upload.findPreviousUploads().catch(() => []);
  if (previous[0]) upload.resumeFromPreviousUpload(previous[0]);
  upload.start();
}

/**
 * What the server compares the arrived bytes with. A browser hashes only what it holds in memory at once, and only on
 * HTTPS or this computer; larger files travel without.
 */
async function checksumOf(file: File): Promise<{ readonly sha256?: string }> {
  if (file.size > mostHashedBytes || globalThis.crypto?.subtle === undefined) return {};
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return { sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") };
}

function whenBack(go: () => void): void {
  let gone = false;
  const once = () => {
    if (gone) return;
    gone = true;
    removeEventListener("online", once);
    go();
  };
  addEventListener("online", once);
  setTimeout(once, stalledRetryMs);
}

/** What the server said about an upload it will not take, as a sentence. */
export function refusalSentence(status: number, body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: { message?: unknown } };
    if (typeof error?.message === "string") return error.message;
  } catch {
    // Not ours: tus answers in plain text.
  }
  const text = body.trim();
  return text && text.length < 200
    ? `The server refused the file (${status}): ${text}`
    : `The server refused the file (${status}).`;
}
