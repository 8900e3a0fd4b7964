import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import express, { type Request, type RequestHandler, type Response, type Router } from "express";
import { z } from "zod";
import { DomainError } from "#core/errors/domain-error.ts";
import type { Right } from "#core/protocol/roles.ts";
import { type Access, type Caller, notFound, type Standing, signedOut } from "#server/access/access.ts";
import { AccessError } from "#server/access/access-error.ts";
import { type ConnectionRules, requireOwnPage } from "#server/access/connection.ts";
import type { Written } from "#server/sync/written-json.ts";

export type Method = "get" | "post" | "put" | "delete" | "patch" | "head";

/** Who may call a route. A right is held in the project that the route's parameters lead to. */
export type Need =
  | "anyone"
  | "signed-in"
  | "person"
  | "administrator"
  | { readonly right: Right; readonly in: "project" | "micrograph" | "source" | "room" | "job" | "upload" };

/** A route as OpenAPI and the tests see it. */
export interface RouteDescription {
  readonly method: Method;
  /** Below /api/v1, Express notation: "/projects/:id". */
  readonly path: string;
  readonly summary: string;
  readonly needs: Need;
  readonly params: z.ZodObject;
  readonly query?: z.ZodObject | undefined;
  readonly body?: z.ZodType | undefined;
  /** Media type of a body or answer that is not JSON. */
  readonly bodyType?: string | undefined;
  readonly answerType?: string | undefined;
  readonly status: number;
  /** Shape of the answer; none for 204 and for files. */
  readonly answer?: z.ZodType | undefined;
}

export interface Route extends RouteDescription {
  readonly handle: (input: never, http: { request: Request; response: Response }) => Promise<unknown>;
}

/** What a handler gets: everything validated, and who asks. */
export interface RouteInput<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Who asks; only where the route needs "anyone" may there be nobody. */
  readonly caller: Caller;
  readonly maybeCaller: Caller | undefined;
  /** Set where the route needs a right. */
  readonly projectId: string;
  readonly standing: Standing;
}

/** An answer that has been written as JSON where it was made: sent as it is. */
export class WrittenAnswer {
  readonly pieces: Written;

  constructor(pieces: Written) {
    this.pieces = pieces;
  }
}

type OutputOf<Shape> = Shape extends z.ZodType ? z.output<Shape> : undefined;

/** One route: what comes in, what goes out, who may; the handler sees only what passed. */
export function route<
  Params extends z.ZodObject,
  Query extends z.ZodObject | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Answer extends z.ZodType | undefined = undefined,
>(definition: {
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly needs: Need;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly bodyType?: string;
  readonly answerType?: string;
  readonly status?: number;
  readonly answer?: Answer;
  readonly handle: (
    input: RouteInput<z.output<Params>, OutputOf<Query>, OutputOf<Body>>,
    http: { readonly request: Request; readonly response: Response },
  ) => Promise<Answer extends z.ZodType ? z.input<Answer> | WrittenAnswer : unknown>;
}): Route {
  return {
    ...definition,
    params: definition.params ?? z.object({}),
    status: definition.status ?? (definition.answer || definition.answerType ? 200 : 204),
    handle: definition.handle as Route["handle"],
  };
}

/** Where the parameters of a route lead: the project, or undefined where there is no such record. */
export type Locate = (
  place: Exclude<Need, string>["in"],
  params: Readonly<Record<string, string>>,
  caller: Caller,
) => Promise<string | undefined>;

export interface RouterPorts {
  readonly access: Access;
  readonly connection: ConnectionRules;
  readonly locate: Locate;
}

const bodyLimit = "16mb";

/** An Express router of these routes. Mount at "/api/v1". */
export function createRouter(routes: readonly Route[], ports: RouterPorts): Router {
  const router = express.Router();
  for (const definition of routes) {
    const handlers: RequestHandler[] = [guard(definition, ports)];
    if (definition.body) handlers.push(express.json({ limit: bodyLimit }));
    handlers.push((request, response) => answer(definition, request, response));
    router[definition.method](definition.path, ...handlers);
  }
  return router;
}

interface Entry {
  readonly caller: Caller | undefined;
  readonly params: Record<string, string>;
  readonly projectId: string | undefined;
  readonly standing: Standing | undefined;
}

/** Identity, origin and right come before a byte of the body is read. */
function guard(definition: Route, ports: RouterPorts): RequestHandler {
  const { access, connection, locate } = ports;
  return async (request, response, next) => {
    const caller = await access.identify(request);
    const isWrite = definition.method !== "get" && definition.method !== "head";
    if (isWrite && request.headers.authorization === undefined) requireOwnPage(request, connection);
    const { needs } = definition;
    const params = request.params as Record<string, string>;
    let projectId: string | undefined;
    let standing: Standing | undefined;
    if (needs !== "anyone" && !caller) throw signedOut();
    const parsed = definition.params.safeParse(params);
    // An id of the wrong form is the id of nothing.
    if (!parsed.success) throw notFound();
    if (needs === "person" || needs === "administrator") requirePerson(caller!, needs);
    if (typeof needs === "object") {
      projectId = await locate(needs.in, params, caller!);
      standing = await access.require(caller, projectId, needs.right);
    }
    response.locals["entry"] = {
      caller,
      params: parsed.data as Record<string, string>,
      projectId,
      standing,
    } satisfies Entry;
    next();
  };
}

function requirePerson(caller: Caller, needs: "person" | "administrator"): void {
  if (caller.principal.kind !== "person") {
    throw new AccessError(
      "person-needed",
      "This needs somebody with an account; a guest by link cannot do it.",
    );
  }
  if (caller.scope) {
    throw new AccessError(
      "person-needed",
      "This token is limited to a project or a role; this call needs one that is not.",
    );
  }
  if (needs === "administrator" && !caller.principal.administrator) {
    throw new AccessError("no-right", "Only the administrator of this installation can do this.");
  }
}

async function answer(definition: Route, request: Request, response: Response): Promise<void> {
  const entry = response.locals["entry"] as Entry;
  const input: RouteInput<unknown, unknown, unknown> = {
    params: entry.params,
    query: definition.query ? parse(definition.query, request.query, "query") : undefined,
    body: definition.body ? parse(definition.body, request.body, "body") : undefined,
    maybeCaller: entry.caller,
    get caller() {
      if (!entry.caller) throw signedOut();
      return entry.caller;
    },
    projectId: entry.projectId ?? "",
    standing: entry.standing ?? { role: "reader", mayDownloadOriginals: false, rights: new Set() },
  };
  const result = await definition.handle(input as never, { request, response });
  if (response.headersSent || definition.answerType) return;
  response.status(definition.status).setHeader("cache-control", "no-store");
  if (result instanceof WrittenAnswer) return sendWritten(response, result.pieces);
  // Parsing the answer keeps fields that are not promised from leaving by accident.
  if (definition.answer) response.json(definition.answer.parse(result));
  else response.end();
}

/** Piece by piece, as fast as they are taken. */
async function sendWritten(response: Response, pieces: Written): Promise<void> {
  const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
  response.setHeader("content-type", "application/json; charset=utf-8").setHeader("content-length", bytes);
  await pipeline(Readable.from(pieces, { objectMode: false }), response).catch((cause: unknown) => {
    // Whoever asked has gone.
    if (!response.destroyed) throw cause;
  });
}

function parse(shape: z.ZodType, value: unknown, where: "query" | "body"): unknown {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, 10).map((issue) => ({
    at: issue.path.map(String).join("."),
    expected: issue.message,
  }));
  const first = issues[0]!;
  throw new DomainError(
    "invalid-request",
    `The ${where} of this request does not have the expected shape${first.at === "" ? "" : ` at "${first.at}"`}: ${first.expected}. /api/v1/openapi.json describes it.`,
    { issues },
  );
}
