import type { Request, Response } from "express";
import { z } from "zod";
import { notFound } from "#server/access/access.ts";
import { AccessError } from "#server/access/access-error.ts";
import { requireSessionCarrier } from "#server/access/connection.ts";
import { hashSecret } from "#server/access/secrets.ts";
import { readCookie, readSessionCookie, sessionCookie } from "#server/access/session-cookie.ts";
import { openSession } from "#server/access/sign-in.ts";
import type { AppPorts } from "../app-ports.ts";
import { type Route, route } from "../route.ts";

export const callbackPath = "/session/institute/callback";
const attemptCookie = "__Host-lamella-institute";
/** Read and cleared by the sign-in page: in the address the sentence could be anybody's. */
const refusalCookie = "lamella-refused";
const attributes = "Path=/; HttpOnly; Secure; SameSite=Lax";

/** Signing in by the institute's provider: the browser goes there and comes back. */
export function createInstituteRoutes({
  access,
  sessions,
  institute,
  connection,
}: AppPorts): readonly Route[] {
  return [
    route({
      method: "get",
      path: "/session/institute",
      summary: "Go to the institute's sign-in page; afterwards to `path`.",
      needs: "anyone",
      query: z.object({ path: z.string().max(2000).default("/") }),
      answerType: "text/html",
      status: 302,
      async handle({ query }, { request, response }) {
        if (!institute) throw notFound();
        requireSessionCarrier(request, connection);
        const begun = await institute.begin(query.path).catch(showRefusal(request, response));
        if (!begun) return;
        const { address, browserSecret } = begun;
        response.setHeader("set-cookie", `${attemptCookie}=${browserSecret}; ${attributes}; Max-Age=600`);
        response.setHeader("cache-control", "no-store");
        response.redirect(302, address.href);
      },
    }),
    route({
      method: "get",
      path: callbackPath,
      summary: "Where the institute's sign-in page sends the browser back to.",
      needs: "anyone",
      answerType: "text/html",
      status: 302,
      async handle({ maybeCaller }, { request, response }) {
        if (!institute) throw notFound();
        requireSessionCarrier(request, connection);
        const query = new URLSearchParams(request.originalUrl.split("?")[1] ?? "");
        const browserSecret = readCookie(request, attemptCookie);
        const finished = await institute
          .finish(query, browserSecret, maybeCaller)
          .catch(showRefusal(request, response));
        if (!finished) return;
        const { principalId, path } = finished;
        // A session from before does not live on beside the new one.
        const before = readSessionCookie(request);
        if (before !== undefined) await sessions.end(hashSecret(before));
        const secret = await openSession(access.catalogue, principalId);
        access.forget();
        response.setHeader("set-cookie", [
          sessionCookie(secret),
          `${attemptCookie}=; ${attributes}; Max-Age=0`,
        ]);
        response.setHeader("cache-control", "no-store");
        response.redirect(302, path);
      },
    }),
  ];
}

/** A person is shown the sign-in page with the reason; a program gets the error itself. */
function showRefusal(request: Request, response: Response): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof AccessError) || request.accepts(["json", "html"]) !== "html") throw error;
    const sentence = encodeURIComponent(error.message);
    response.append(
      "set-cookie",
      `${refusalCookie}=${sentence}; Path=/sign-in; Secure; SameSite=Lax; Max-Age=60`,
    );
    response.setHeader("cache-control", "no-store");
    response.redirect(302, "/sign-in");
  };
}
