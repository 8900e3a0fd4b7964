import { createHash } from "node:crypto";
import { join } from "node:path";
import express, { type RequestHandler, Router } from "express";
import { type ConnectionRules, canCarrySession, insecureSentence } from "#server/access/connection.ts";
import { BuiltPages } from "./built-pages.ts";
import { serveCompressedAssets } from "./compressed-assets.ts";

/** Pages of the application; everything else that is no file is answered 404. */
const page = /^\/(?:projects|micrographs|join|sign-in|account|administration)?(?:\/|$)/;

/** The built client: hashed files for ever, the page itself asked for each time. */
export function serveWebClient(folder: string): Router {
  const router = Router();
  router.use("/assets", serveCompressedAssets(join(folder, "assets")));
  router.use(
    "/assets",
    express.static(join(folder, "assets"), {
      immutable: true,
      maxAge: "1y",
      index: false,
      fallthrough: false,
    }),
  );
  router.use(express.static(folder, { index: false, maxAge: "1h", dotfiles: "ignore" }));
  const pages = new BuiltPages(folder);
  router.get(page, (request, response) => {
    const built = pages.pageFor(request.path);
    response.setHeader("cache-control", "no-cache");
    if (built !== undefined) response.type("html").send(built);
    else
      response
        .status(503)
        .type("text")
        .send("The pages of Lamella are not built yet: run `npm run build`, or start with `npm start`.\n");
  });
  return router;
}

/** The one page without the application: its colours are the application's, its policy lets nothing else in. */
const noticeStyle =
  "body{margin:0;min-height:100vh;display:grid;place-items:center;background:#14191c;color:#dfe5e8;font:16px/1.6 system-ui,sans-serif}" +
  "main{max-width:34rem;margin:2rem;padding:2rem;border:1px solid #2a3236;border-left:3px solid #1f9d8f;border-radius:8px;background:#1a2024}" +
  "h1{margin:0 0 .5rem;font-size:1.35rem}p{margin:0;color:#b4bec3}code{padding:.1em .35em;border-radius:4px;background:#0f1315;color:#dfe5e8;white-space:nowrap}";

const hashOf = (text: string) => `sha256-${createHash("sha256").update(text).digest("base64")}`;

/** Over plain HTTP under a foreign name one page says why nobody can sign in here, and what to do. */
export function explainInsecureConnection(rules: ConnectionRules): RequestHandler {
  return (request, response, next) => {
    const wantsPage = request.method === "GET" && (request.headers.accept ?? "").includes("text/html");
    if (!wantsPage || canCarrySession(request, rules)) return next();
    response
      .status(403)
      .set("cache-control", "no-store")
      .type("html")
      .set("content-security-policy", `default-src 'none'; style-src '${hashOf(noticeStyle)}'`)
      .send(
        `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
          `<title>Lamella needs HTTPS</title><style>${noticeStyle}</style><main><h1>Lamella needs HTTPS</h1>` +
          `<p>${insecureSentence.replace(/`([^`]*)`/g, "<code>$1</code>")}</p></main></html>\n`,
      );
  };
}
