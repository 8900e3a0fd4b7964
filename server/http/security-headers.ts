import type { RequestHandler } from "express";
import helmet from "helmet";

/**
 * Scripts only from here and never inline. Styles may be inline: the component library writes a few style elements of its
 * own, and a style cannot call out, since images, fonts and connections are held to this origin too. Workers and
 * pictures may be blobs, which the page makes itself.
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
        styleSrc: ["'self'", "'unsafe-inline'"],
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
