import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { RequestHandler } from "express";

const types: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};
const asset = /^\/([A-Za-z0-9_-][A-Za-z0-9._-]*)\.(js|css|svg)$/;

const compressors = {
  br: (bytes: Buffer) =>
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  gzip: (bytes: Buffer) => promisify(gzip)(bytes, { level: 9 }),
};

/**
 * The built client's hashed files, compressed once when first asked for and kept: some 600 kB in all.
 * Whatever is not such a file, or is asked for by somebody who takes no compression, goes on to the next handler.
 */
export function serveCompressedAssets(folder: string): RequestHandler {
  const kept = new Map<string, Promise<Buffer>>();
  return (request, response, next) => {
    const match = asset.exec(request.path);
    // A browser's list has no order of preference: the smaller one is ours to choose.
    const encoding = (["br", "gzip"] as const).find((name) => request.acceptsEncodings(name));
    if (!match || !encoding || !["GET", "HEAD"].includes(request.method)) return next();
    const key = `${encoding} ${match[0]}`;
    let body = kept.get(key);
    if (!body) {
      body = readFile(join(folder, `${match[1]}.${match[2]}`)).then(compressors[encoding]);
      body.catch(() => kept.delete(key));
      kept.set(key, body);
    }
    body.then(
      (bytes) =>
        response
          .set({
            "content-type": types[match[2]!]!,
            "content-encoding": encoding,
            "content-length": String(bytes.length),
            "cache-control": "public, max-age=31536000, immutable",
            vary: "accept-encoding",
          })
          .end(request.method === "HEAD" ? undefined : bytes),
      () => next(),
    );
  };
}
