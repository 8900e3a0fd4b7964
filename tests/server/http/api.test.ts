import { describe, expect, it } from "vitest";
import { openApiPath } from "#server/http/openapi.ts";
import { withoutSecrets } from "#server/http/request-log.ts";
import { admin, errorCode, json, makeProject, testServer } from "./running-server.ts";

const server = await testServer();

describe("OpenAPI", () => {
  type Operation = {
    operationId: string;
    parameters: { name: string; in: string; required: boolean; schema: object }[];
    responses: Record<string, unknown>;
  };
  type Document = {
    openapi: string;
    info: object;
    paths: Record<string, Record<string, Operation>>;
    components: object;
  };

  it("names every route, with parameters that its path has, and references that lead somewhere", async () => {
    const document = await json<Document>(server.call("GET", "/openapi.json"));
    expect(document.openapi).toBe("3.1.0");
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    );
    expect(described.toSorted()).toEqual(
      server.routes.map((r) => `${r.method} ${openApiPath(r.path)}`).toSorted(),
    );
    const operationIds = new Set<string>();
    for (const [path, operations] of Object.entries(document.paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!).toSorted();
      for (const operation of Object.values(operations)) {
        operationIds.add(operation.operationId);
        expect(
          operation.parameters
            .filter((p) => p.in === "path")
            .map((p) => p.name)
            .toSorted(),
          path,
        ).toEqual(inPath);
        expect(
          Object.keys(operation.responses).some((status) => /^(2\d\d|302)$/.test(status)),
          path,
        ).toBe(true);
      }
    }
    expect(operationIds.size).toBe(described.length);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map((m) => m[1]!);
    for (const reference of references) {
      const found = reference
        .split("/")
        .reduce<unknown>((node, key) => (node as Record<string, unknown>)?.[key], document);
      expect(found, reference).toBeDefined();
    }
  });
});

describe("what a client is told", () => {
  it("HTML, traversal and nonsense in addresses come back as JSON, escaped or not at all", async () => {
    const hostile = [
      "/projects/<script>alert(1)</script>/gallery",
      "/projects/%3Cimg%20src=x%20onerror=alert(1)%3E/gallery",
      "/projects/..%2f..%2fetc%2fpasswd/gallery",
      "/projects/%00/gallery",
      "/projects/%E0%A4%A/gallery",
      "/invitations/<svg onload=alert(1)>",
      "/rooms/micrograph%3A..%2F..%3Aannotations/authors",
      "/micrographs/__proto__/annotations",
      "/nothing/here?x=<script>",
    ];
    for (const path of hostile) {
      const answer = await server.call("GET", path, admin);
      expect([400, 404, 410], path).toContain(answer.status);
      expect(answer.headers.get("content-type"), path).toMatch(/^application\/json/);
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(await answer.text(), path).not.toMatch(/<(script|img|svg)/);
    }
  });

  it("hostile names are kept as text and come back as JSON", async () => {
    const name = `"><img src=x onerror=alert(1)> 日本語 🔬`;
    const id = await makeProject(server, name);
    const answer = await server.call("GET", `/projects/${id}/gallery`, admin);
    expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
    expect(((await answer.json()) as { project: { name: string } }).project.name).toBe(name);
  });

  it("bodies of the wrong shape say where and what was expected; a pollution key changes nothing", async () => {
    const wrong = await server.call("POST", "/projects", admin, { name: 7 });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({
      error: { code: "invalid-request", context: { issues: [{ at: "name" }] } },
    });
    expect(await errorCode(server.call("POST", "/projects", admin, "{not json"))).toBe("invalid-request");
    await server.call("POST", "/projects", admin, '{"__proto__":{"polluted":true},"name":"p"}');
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect((await server.call("POST", "/projects", admin, { name: "x".repeat(17 * 2 ** 20) })).status).toBe(
      413,
    );
  });

  it("a policy without inline scripts stands on every answer, and a request id", async () => {
    for (const path of ["/", "/healthz", "/api/v1/session", "/api/none"]) {
      const answer = await fetch(server.url + path);
      const policy = answer.headers.get("content-security-policy") ?? "";
      const scripts = /script-src ([^;]*)/.exec(policy)?.[1];
      expect(scripts, path).toBe("'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(answer.headers.get("x-request-id"), path).toMatch(/^[0-9a-f-]{36}$/);
      expect(answer.headers.get("x-powered-by")).toBeNull();
    }
  });

  it("secrets do not reach the log", () => {
    expect(withoutSecrets("/sync/room?ticket=abc&x=1")).toBe("/sync/room?ticket=…&x=1");
    expect(withoutSecrets("/api/v1/invitations/SECRET/accept?a=1")).toBe("/api/v1/invitations/…/accept?a=1");
    expect(withoutSecrets("/join/SECRET")).toBe("/join/…");
  });
});

describe("records", () => {
  it("a new project has its classes, and a class written by command is in the room", async () => {
    const projectId = await makeProject(server, "classes");
    const room = `project:${projectId}:shared`;
    const { readShared } = await import("#core/document/shared-document.ts");
    const names = () =>
      server.rooms.readDocument(room, (doc) => [...readShared(doc).classes.values()].map((c) => c.name));
    expect(await names()).toContain("Delamination");
    const value = {
      id: "buckles",
      name: "Buckles",
      colour: "#112233",
      pattern: "dotted",
      role: "other",
      key: null,
      attributes: [],
    };
    const answer = await server.call("POST", `/projects/${projectId}/shared`, admin, {
      type: "put-class",
      class: value,
    });
    expect(answer.status).toBe(204);
    expect(await names()).toContain("Buckles");
    const { authors } = await json<{ authors: Record<string, { name: string }> }>(
      server.call("GET", `/rooms/${encodeURIComponent(room)}/authors`, admin),
    );
    expect(new Set(Object.values(authors).map(({ name }) => name))).toEqual(new Set(["Administrator"]));
  });

  it("health, readiness and counters answer without signing in", async () => {
    expect(await (await fetch(`${server.url}/healthz`)).json()).toEqual({ status: "ok" });
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/^lamella_committed_updates_total [1-9]\d*$/m);
    expect(metrics).toMatch(/lamella_commit_seconds_bucket\{le="\+Inf"\} [1-9]/);
  });
});
