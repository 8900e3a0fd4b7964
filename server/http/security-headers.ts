import type { RequestHandler } from "express";
import helmet from "helmet";

/**
 * OpenSeadragon 6.1 writes one style element (no focus outline on touch screens). By its hash this one text is allowed and
 * no other; a version that writes another shows a violation in the browser's console and loses nothing else.
 */
const viewerStyleHash = "'sha256-9xTiqzfwFaL2SGb1rmr8gysEwVVjIvqWAgmZgqFqpEE='";

/**
 * Scripts and styles only from here and never inline: what the page sets on an element it sets through its style object,
 * which the policy leaves alone. Workers and pictures may be blobs, which the page makes itself.
 *
 * @param encrypted whether people reach this server over HTTPS: only then may a browser be told to insist on it
 */
export function securityHeaders(encrypted: boolean): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        scriptSrcAttr: ["'none'"],
        styleSrc: ["'self'", viewerStyleHash],
        imgSrc: ["'self'", "blob:", "data:"],
        fontSrc: ["'self'"],
        // 'self' covers ws: and wss: of the same host in every current browser.
        connectSrc: ["'self'"],
        workerSrc: ["'self'", "blob:"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // A certificate made at first start can be replaced by another: a browser that insists for months would be locked out.
    strictTransportSecurity: encrypted ? { maxAge: 86_400, includeSubDomains: false } : false,
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: "same-origin" },
  });
}
