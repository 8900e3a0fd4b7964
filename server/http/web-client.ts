import { existsSync } from "node:fs";
import { join } from "node:path";
import express, { type RequestHandler, Router } from "express";
import { type ConnectionRules, canCarrySession, insecureSentence } from "#server/access/connection.ts";
import { serveCompressedAssets } from "./compressed-assets.ts";

/** Pages of the application; everything else that is no file is answered 404. */
const page = /^\/(?:projects|micrographs|join|sign-in)?(?:\/|$)/;

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
  router.get(page, (_request, response) => {
    const index = join(folder, "index.html");
    response.setHeader("cache-control", "no-cache");
    if (existsSync(index)) response.sendFile(index, { dotfiles: "allow" });
    else
      response
        .status(503)
        .type("text")
        .send("The pages of Lamella are not built yet: run `npm run build`, or start with `npm start`.\n");
  });
  return router;
}

/** Over plain HTTP under a foreign name one page says why nobody can sign in here, and what to do. */
export function explainInsecureConnection(rules: ConnectionRules): RequestHandler {
  return (request, response, next) => {
    const wantsPage = request.method === "GET" && (request.headers.accept ?? "").includes("text/html");
    if (!wantsPage || canCarrySession(request, rules)) return next();
    response
      .status(403)
      .set("cache-control", "no-store")
      .type("html")
      .send(
        `<!doctype html><html lang="en"><meta charset="utf-8"><title>Lamella needs HTTPS</title><h1>Lamella needs HTTPS</h1><p>${insecureSentence.replace(/`([^`]*)`/g, "<code>$1</code>")}</p></html>\n`,
      );
  };
}
