import express, { type ErrorRequestHandler, type Express } from "express";
import { ipKeyGenerator, rateLimit } from "express-rate-limit";
import { parseRoomName } from "#core/protocol/rooms.ts";
import { AccessError } from "#server/access/access-error.ts";
import { createScaleBarRoutes } from "#server/burnt-in/scale-bar-routes.ts";
import { createAttachmentRoutes } from "#server/ingest/attachment-routes.ts";
import { createDescribedRoutes } from "#server/ingest/described-routes.ts";
import { createLogRoutes } from "#server/ingest/log-routes.ts";
import { createMicrographRoutes, locateMicrographRecord } from "#server/ingest/routes.ts";
import { createSuggestionRoutes } from "#server/ingest/suggestion-routes.ts";
import type { AppPorts } from "./app-ports.ts";
import { errorAnswer } from "./error-status.ts";
import { metricsText } from "./metrics.ts";
import { withoutSecrets } from "./request-log.ts";
import { createRouter, type Locate, type Route } from "./route.ts";
import { createBinRoutes } from "./routes/bin-routes.ts";
import { createExportRoutes } from "./routes/export-routes.ts";
import { createGroupRoutes } from "./routes/group-routes.ts";
import { createHistoryRoutes } from "./routes/history-routes.ts";
import { createImportRoutes } from "./routes/import-routes.ts";
import { createInstituteRoutes } from "./routes/institute-routes.ts";
import { createInvitationRoutes } from "./routes/invitation-routes.ts";
import { createOwnershipRoutes } from "./routes/ownership-routes.ts";
import { createPeopleRoutes } from "./routes/people-routes.ts";
import { createProjectRoutes } from "./routes/project-routes.ts";
import { createRecordRoutes } from "./routes/record-routes.ts";
import { createServerRoutes } from "./routes/server-routes.ts";
import { createSessionRoutes } from "./routes/session-routes.ts";
import { securityHeaders } from "./security-headers.ts";
import { requestIdOf } from "./traffic.ts";
import { explainInsecureConnection, serveWebClient } from "./web-client.ts";

const quarterHourMs = 15 * 60_000;

/** Every route under /api/v1. */
export function createRoutes(ports: AppPorts): readonly Route[] {
  const routes: Route[] = [
    ...createSessionRoutes(ports),
    ...createInstituteRoutes(ports),
    ...createPeopleRoutes(ports),
    ...createGroupRoutes(ports),
    ...createInvitationRoutes(ports),
    ...createProjectRoutes(ports),
    ...createOwnershipRoutes(ports),
    ...createBinRoutes(ports),
    ...createMicrographRoutes(ports),
    ...createDescribedRoutes(ports),
    ...createSuggestionRoutes(ports),
    ...createAttachmentRoutes(ports),
    ...createLogRoutes(ports),
    ...createScaleBarRoutes(ports),
    ...createRecordRoutes(ports),
    ...createHistoryRoutes(ports),
    ...createExportRoutes(ports),
    ...createImportRoutes(ports),
  ];
  routes.push(...createServerRoutes(ports, () => routes));
  return routes;
}

/** Everything HTTP but tiles, which are answered before they get here. */
export function createApp(ports: AppPorts, routes: readonly Route[], encrypted: boolean): Express {
  const { access, connection } = ports;
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", connection.behindProxy ? 1 : false);
  app.set("query parser", "simple");
  app.use(securityHeaders(encrypted));

  app.get("/healthz", (_request, response) => void response.json({ status: "ok" }));
  app.get("/readyz", async (_request, response) => {
    const { ready, status, reasons } = await ports.readiness();
    response
      .status(ready ? 200 : 503)
      .set("cache-control", "no-store")
      .json({ status, reasons });
  });
  app.get("/metrics", async (_request, response) => {
    const { rooms, traffic, usage, tiles, intake } = ports;
    const text = await metricsText({ rooms, traffic, usage, tiles, freeBytes: intake.freeBytes });
    response.type("text/plain; version=0.0.4").send(text);
  });

  // Failures count, successes do not: a room full of people behind one address can sign in together.
  const limit = (most: number) =>
    rateLimit({
      windowMs: quarterHourMs,
      limit: most,
      skipSuccessfulRequests: true,
      standardHeaders: "draft-8",
      legacyHeaders: false,
      keyGenerator: (request) => ipKeyGenerator(request.ip ?? "unknown"),
      handler: () => {
        throw new AccessError(
          "too-many-attempts",
          "Too many attempts that did not work. Wait a quarter of an hour, or ask for a new link.",
        );
      },
    });
  app.post("/api/v1/session/password", limit(20));
  app.post("/api/v1/session/link", limit(40));
  app.use("/api/v1/invitations", limit(100));
  app.use("/api/v1/session/institute", limit(100));

  app.use("/api/v1", createRouter(routes, { access, connection, locate: createLocate(ports) }));
  app.use("/api", () => {
    throw new AccessError("not-found", "There is no such route. /api/v1/openapi.json lists them.");
  });
  app.use(explainInsecureConnection(connection));
  app.use(serveWebClient(ports.webFolder));
  app.use(() => {
    throw new AccessError("not-found", "There is nothing at this address.");
  });
  app.use(tellError(ports));
  return app;
}

/** Where a route's parameters lead: the project whose rights count. */
function createLocate(ports: AppPorts): Locate {
  return async (place, params, caller) => {
    switch (place) {
      case "project":
        return params["id"];
      case "micrograph":
      case "source":
      case "upload":
        return locateMicrographRecord(ports, place, params["id"]!);
      case "job": {
        const job = await ports.jobs.get(params["id"]!);
        return job?.principalId === caller.principal.id ? job.projectId : undefined;
      }
      case "room": {
        const room = parseRoomName(params["room"]!);
        if (room?.kind === "shared") return room.projectId;
        if (room?.kind === "annotations" || room?.kind === "record") {
          return locateMicrographRecord(ports, "micrograph", room.micrographId);
        }
        return undefined;
      }
    }
  };
}

function tellError({ logger }: AppPorts): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const id = requestIdOf(request);
    const { status, body, unexpected } = errorAnswer(error, id);
    if (unexpected) logger.error({ id, url: withoutSecrets(request.originalUrl), err: error }, "failed");
    if (response.headersSent) response.destroy();
    else response.status(status).set("cache-control", "no-store").json(body);
  };
}
