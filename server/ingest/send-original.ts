import type { Readable } from "node:stream";
import type { Response } from "express";

/** A file as it was handed in: never shown by a browser on this page's behalf, whatever it claims to be. */
export function sendOriginal(
  response: Response,
  body: Readable,
  { fileName, bytes }: { readonly fileName: string; readonly bytes: number },
): void {
  response.set({
    "content-type": "application/octet-stream",
    "content-length": String(bytes),
    "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(fileName.toWellFormed())}`,
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "private, no-store",
  });
  body.on("error", (error) => response.destroy(error));
  response.on("close", () => body.destroy());
  body.pipe(response);
}
