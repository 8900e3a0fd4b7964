import type { IncomingMessage, ServerResponse } from "node:http";

/** The Deep Zoom image of a micrograph: its descriptor and its tiles. */
const deepZoom = /^\/api\/v1\/micrographs\/[A-Za-z0-9_-]{1,64}\/image(\.dzi|_files\/)/;

/**
 * Lets pages of other sites read pictures, where they send a token: a session cookie does not travel there, and the
 * answer to "any origin" is never given together with credentials. IIIF addresses, and Deep Zoom ones.
 *
 * @returns true where the request was only the browser's question whether it may ask, and is answered
 */
export function openToOtherSites(request: IncomingMessage, response: ServerResponse): boolean {
  const path = (request.url ?? "").split("?", 1)[0]!;
  if (!path.startsWith("/iiif/") && !deepZoom.test(path)) return false;
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("access-control-expose-headers", "link, etag, retry-after");
  if (request.method !== "OPTIONS") return false;
  response
    .writeHead(204, {
      "access-control-allow-methods": "GET, HEAD",
      "access-control-allow-headers": "authorization",
      "access-control-max-age": "86400",
    })
    .end();
  return true;
}
