import { z } from "zod";
import { errorBody } from "#core/protocol/api/shapes.ts";
import type { Need, RouteDescription } from "./route.ts";

type Json = Record<string, unknown>;

/** OpenAPI wants {id} where Express has :id. */
export function openApiPath(path: string): string {
  return path.replace(/:([A-Za-z]+)/g, "{$1}");
}

function schemaOf(shape: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, {
    io,
    target: "draft-2020-12",
    unrepresentable: "any",
  });
  return schema as Json;
}

function sentenceOf(needs: Need): string {
  if (typeof needs === "object") return `Needs the right to ${needs.right} in the ${needs.in}'s project.`;
  return {
    anyone: "Open to anyone.",
    "signed-in": "Needs somebody who is signed in, a guest included.",
    person: "Needs somebody with an account.",
    administrator: "Needs the administrator.",
  }[needs];
}

function parametersOf(route: RouteDescription): Json[] {
  const list = (shape: z.ZodObject | undefined, place: "path" | "query") =>
    Object.entries(shape?.shape ?? {}).map(([name, field]) => ({
      name,
      in: place,
      required: place === "path" || !z.safeParse(field as z.ZodType, undefined).success,
      schema: schemaOf(field as z.ZodType, "input"),
    }));
  return [...list(route.params, "path"), ...list(route.query, "query")];
}

function operationOf(route: RouteDescription): Json {
  const error = {
    description: "Refused; the body says why.",
    content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
  };
  const content = route.answerType
    ? { [route.answerType]: { schema: route.answer ? schemaOf(route.answer, "output") : {} } }
    : route.answer
      ? { "application/json": { schema: schemaOf(route.answer, "output") } }
      : undefined;
  const bodyType = route.bodyType ?? "application/json";
  return {
    operationId: `${route.method}${openApiPath(route.path).replace(/[^A-Za-z0-9]+(.)?/g, (_, c: string | undefined) => (c ?? "").toUpperCase())}`,
    summary: route.summary,
    description: sentenceOf(route.needs),
    ...(route.needs === "anyone" ? { security: [] } : {}),
    parameters: parametersOf(route),
    ...(route.body || route.bodyType
      ? {
          requestBody: {
            required: true,
            content: { [bodyType]: { schema: route.body ? schemaOf(route.body, "input") : {} } },
          },
        }
      : {}),
    responses: {
      [String(route.status)]: { description: route.summary, ...(content ? { content } : {}) },
      default: error,
    },
  };
}

/** OpenAPI 3.1 of these routes, from the very shapes that validate them. */
export function openApiDocument(routes: readonly RouteDescription[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    (paths[openApiPath(route.path)] ??= {})[route.method] = operationOf(route);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Lamella",
      version,
      description:
        "Every call carries the session cookie (with the header `x-lamella: 1` on writes) or `Authorization: Bearer TOKEN`.",
    },
    servers: [{ url: "/api/v1" }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer" },
        session: { type: "apiKey", in: "cookie", name: "__Host-lamella" },
      },
      schemas: { Error: schemaOf(errorBody, "output") },
    },
  };
}
