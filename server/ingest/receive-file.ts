import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import type { Readable } from "node:stream";
import { DomainError } from "#core/errors/domain-error.ts";

export type UploadErrorCode = "too-large" | "empty" | "interrupted" | "checksum";

export class UploadError extends DomainError<UploadErrorCode> {}

export interface Received {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes a stream to a new file, hashing while it arrives; on disk when it resolves, gone when it throws.
 *
 * @throws UploadError too-large, empty; interrupted when the stream ends before its announced length
 */
export async function receiveFile(
  body: Readable,
  path: string,
  limits: { readonly maxBytes: number; readonly announcedBytes?: number },
): Promise<Received> {
  const hash = createHash("sha256");
  let bytes = 0;
  const file = await open(path, "wx");
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > limits.maxBytes) throw tooLarge(limits.maxBytes);
      hash.update(chunk);
      for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten;
    }
    if (bytes === 0)
      throw new UploadError(
        "empty",
        "Expected the bytes of a file, received none. Copy it again from the microscope's computer.",
      );
    if (limits.announcedBytes !== undefined && bytes !== limits.announcedBytes) {
      throw new UploadError(
        "interrupted",
        `Expected ${limits.announcedBytes} bytes, received ${bytes}. Send the file again.`,
      );
    }
    await file.sync();
    await file.close();
    return { bytes, sha256: hash.digest("hex") };
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(path, { force: true });
    throw error;
  }
}

export function tooLarge(maxBytes: number): UploadError {
  return new UploadError(
    "too-large",
    `Files up to ${Math.floor(maxBytes / 2 ** 20)} MiB are taken here. The administrator can raise the limit.`,
    { maxBytes },
  );
}

export function otherBytes(announced: string, received: string): UploadError {
  return new UploadError(
    "checksum",
    `Expected bytes of SHA-256 ${announced}, received those of ${received}: something changed them on their way. Nothing was kept; send the file again.`,
    { announced, received },
  );
}

/** SHA-256 of a file that is already here. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 }))
    hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}

/** What a person sees of a file's name: its last part, without control characters. Never used as a path. */
export function shownFileName(name: string): string {
  const last = name.split(/[\\/]/).at(-1)!;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const clean = last.replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, "").trim();
  return /^\.*$/.test(clean) ? "unnamed" : clean.slice(-200);
}
