import { hostname } from "node:os";
import { z } from "zod";
import * as shapes from "#core/protocol/api/shapes.ts";
import type { AppPorts, Scope } from "../app-ports.ts";
import { openApiDocument } from "../openapi.ts";
import { type Route, route } from "../route.ts";

const hints: Readonly<Record<Scope, string>> = {
  "this-computer":
    "Only this computer reaches this address. `npm start -- --lan` opens it to your network over HTTPS; behind an institute's proxy use `--behind-proxy --public-url https://…`.",
  lan: "Everybody on this network reaches this address. Browsers ask once whether to trust the certificate: compare its fingerprint with the one in the terminal.",
  proxy: "Whoever reaches the proxy reaches this address.",
};

/** What a client can learn about this server. */
export function createServerRoutes(ports: AppPorts, all: () => readonly Route[]): readonly Route[] {
  let document: Record<string, unknown> | undefined;
  return [
    route({
      method: "get",
      path: "/reachability",
      summary: "Who can reach this address.",
      needs: "signed-in",
      answer: shapes.reachability,
      handle: async () => ({
        scope: ports.scope,
        publicUrl: ports.publicUrl(),
        hint:
          ports.scope === "lan" ? `${hints.lan} This computer is called ${hostname()}.` : hints[ports.scope],
      }),
    }),
    route({
      method: "get",
      path: "/openapi.json",
      summary: "This description.",
      needs: "anyone",
      answer: z.record(z.string(), z.unknown()),
      handle: async () => (document ??= openApiDocument(all(), ports.version)),
    }),
  ];
}
