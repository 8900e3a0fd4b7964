import { createReadStream, existsSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import type { Invitation } from "#core/protocol/api/invitations.ts";
import { type MockWorld, mockGallery, mockProject } from "./mock-world.ts";

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** The strictest policy the pages must run under: nothing inline, nothing from elsewhere. */
export const contentSecurityPolicy =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

const principal = {
  id: "person0001",
  kind: "person",
  name: "Mara Lindqvist",
  colour: "#8a63d2",
  administrator: true,
};

/** The built client behind the strict policy, with an API that answers from memory. For tests of the pages only. */
export async function startMockServer(
  web: string,
  world: Partial<MockWorld> = {},
): Promise<{
  readonly url: string;
  readonly world: MockWorld;
  close(): Promise<void>;
}> {
  const state: MockWorld = {
    signedIn: true,
    admitted: false,
    institute: null,
    projects: [
      mockProject(),
      mockProject({
        id: "project01",
        demo: false,
        name: "Empty",
        micrographCount: 0,
        mosaic: [],
        onlineCount: 0,
      }),
    ],
    invitations: [],
    calls: [],
    ...world,
  };
  const server: Server = createServer(async (request, response) => {
    const path = new URL(request.url!, "http://x").pathname;
    response.setHeader("content-security-policy", contentSecurityPolicy);
    if (path.startsWith("/api/v1")) {
      const body = await bodyOf(request);
      const call = { method: request.method!, path: path.slice(7), body };
      state.calls.push(call);
      const [status, answer] = answerTo(state, call.method, call.path, body);
      response.writeHead(status, { "content-type": "application/json" });
      response.end(answer === undefined ? undefined : JSON.stringify(answer));
      return;
    }
    if (path.startsWith("/thumbnails/")) {
      response.setHeader("content-type", "image/svg+xml");
      response.end(thumbnail(Number.parseInt(path.slice(12), 10)));
      return;
    }
    const file = join(web, path);
    const found = path !== "/" && file.startsWith(web) && existsSync(file) ? file : join(web, "index.html");
    response.setHeader("content-type", types[extname(found)] ?? "application/octet-stream");
    createReadStream(found).pipe(response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    world: state,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  try {
    return JSON.parse(text);
  } catch {
    return text || null;
  }
}

function answerTo(world: MockWorld, method: string, path: string, body: unknown): [number, unknown] {
  const session = {
    principal: world.signedIn ? principal : null,
    demo: true,
    protocolVersion: 1,
    institute: world.institute,
    atTheDoor: world.admitted
      ? []
      : [{ projectId: "project00", projectName: "Sodiation of one nanowire", state: "waiting" }],
  };
  const call = `${method} ${path}`;
  const projectOf = (id: string | undefined) => world.projects.find((project) => project.id === id);
  if (call === "GET /session") return [200, session];
  if (call === "POST /session/link") {
    world.signedIn = true;
    return [200, { ...session, principal }];
  }
  if (call === "POST /session/password") {
    if ((body as { password: string }).password !== "right") {
      return [
        401,
        { error: { code: "bad-credentials", message: "Name and password do not belong together." } },
      ];
    }
    world.signedIn = true;
    return [200, { ...session, principal }];
  }
  if (call === "GET /invitations/token123") {
    const offer = {
      projectId: "project00",
      projectName: "Sodiation of one nanowire",
      role: "commenter",
      invitedBy: "Mara Lindqvist",
    };
    return [
      200,
      { ...offer, expiresAt: "2026-12-06T10:00:00Z", waitingRoom: true, path: "/projects/project00" },
    ];
  }
  if (call === "POST /invitations/token123/accept") {
    world.signedIn = true;
    return [200, { state: world.admitted ? "in" : "waiting", path: "/projects/project00" }];
  }
  if (path.startsWith("/invitations/")) {
    return [
      404,
      {
        error: { code: "no-invitation", message: "This link was revoked or has expired. Ask for a new one." },
      },
    ];
  }
  if (!world.signedIn) return [401, { error: { code: "sign-in", message: "Sign in first." } }];
  if (call === "GET /projects") return [200, { projects: world.projects }];
  if (call === "POST /projects") {
    const made = mockProject({
      id: "project99",
      name: (body as { name: string }).name,
      demo: false,
      micrographCount: 0,
      mosaic: [],
    });
    world.projects.push(made);
    return [201, made];
  }
  if (call === "GET /reachability") {
    const hint = "Start it with “npm start -- --lan” to open it to the lab over HTTPS.";
    return [200, { scope: "this-computer", publicUrl: "http://127.0.0.1:8080", hint }];
  }
  const inProject = /^\/projects\/([^/]+)(?:\/(.*))?$/.exec(path);
  if (inProject) {
    const project = projectOf(inProject[1]);
    if (!project)
      return [
        404,
        { error: { code: "no-project", message: "There is no such project, or it is not shared with you." } },
      ];
    switch (`${method} ${inProject[2] ?? ""}`) {
      case "DELETE ":
        world.projects = world.projects.filter((other) => other !== project);
        return [204, undefined];
      case "GET gallery":
        return [200, mockGallery(project)];
      case "GET members":
        return [200, { members: [{ principal, role: "owner", mayDownloadOriginals: true }] }];
      case "GET waiting":
        return [
          200,
          { waiting: [{ id: "guest00001", name: "Jonas Weber", since: new Date().toISOString() }] },
        ];
      case "GET invitations":
        return [200, { invitations: world.invitations.map(({ url: _url, ...rest }) => rest) }];
      case "POST invitations": {
        const made = {
          id: "invitation1",
          createdBy: principal.name,
          expiresAt: "2026-12-06T10:00:00Z",
          maxUses: null,
          uses: 0,
          revoked: false,
        };
        const wanted = body as Pick<Invitation, "role" | "waitingRoom">;
        world.invitations.push({
          ...made,
          role: wanted.role,
          waitingRoom: wanted.waitingRoom,
          url: "http://127.0.0.1:8080/join/token123",
        });
        return [201, world.invitations.at(-1)];
      }
      case "POST exports":
        return [
          202,
          { id: "job0000001", kind: "export", status: "queued", progress: 0, reason: null, download: null },
        ];
      default:
        return [204, undefined];
    }
  }
  if (call === "GET /jobs/job0000001") {
    return [
      200,
      {
        id: "job0000001",
        kind: "export",
        status: "done",
        progress: 1,
        reason: null,
        download: "/api/v1/jobs/job0000001/download",
      },
    ];
  }
  const inMicrograph = /^\/micrographs\/([^/]+)(?:\/(.*))?$/.exec(path);
  if (inMicrograph) {
    const found = mockGallery(world.projects[0]!).micrographs.find(({ id }) => id === inMicrograph[1]);
    if (!found)
      return [
        404,
        {
          error: {
            code: "no-micrograph",
            message: "There is no such micrograph, or it is not shared with you.",
          },
        },
      ];
    if (inMicrograph[2] === "tags")
      return [200, { "Microscope Info": { Voltage: 300000, Microscope: "Titan 80-300", Operator: "x" } }];
    return method === "GET" ? [200, found] : [204, undefined];
  }
  if (path.startsWith("/rooms/")) return [200, { authors: {} }];
  return [404, { error: { code: "no-route", message: `The mock has no ${call}.` } }];
}

function thumbnail(index: number): string {
  const gap = 2 + (index % 7) * 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 100"><rect width="150" height="100" fill="#b9bdbf"/><g transform="rotate(-12 75 50)"><rect x="-20" y="34" width="190" height="34" fill="#5b6063"/><rect x="-20" y="${68 + gap / 2}" width="190" height="12" fill="#2f3335"/><rect x="-20" y="${22 - gap / 2}" width="190" height="12" fill="#2f3335"/></g></svg>`;
}
