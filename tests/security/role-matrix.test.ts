import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Role, roles } from "#core/protocol/roles.ts";
import { originalKey } from "#server/ingest/read-source.ts";
import {
  adminToken,
  byToken,
  makeGuest,
  makePerson,
  makeProject,
  startTestServer,
  type TestServer,
  type Visitor,
} from "../server/http/running-server.ts";

/**
 * Who may call what, written down apart from the routes themselves: a route without a row here fails, and so does a row
 * without a route. The values say from which role on a member may; `guest`: whether a guest with an annotator's link may.
 */
type Row =
  | { readonly open: true }
  | { readonly signedIn: true }
  | { readonly person: true }
  | { readonly administrator: true }
  | { readonly from: Role; readonly guest: boolean };

const see: Row = { from: "reader", guest: true };
const annotate: Row = { from: "annotator", guest: true };
const manage: Row = { from: "owner", guest: false };

const matrix: Readonly<Record<string, Row>> = {
  "get /session": { open: true },
  "post /session/link": { open: true },
  "post /session/password": { open: true },
  "get /session/institute": { open: true },
  "get /session/institute/callback": { open: true },
  "put /session/password": { person: true },
  "put /session/name": { person: true },
  "delete /session": { signedIn: true },
  "get /sessions": { person: true },
  "delete /sessions/:id": { person: true },
  "post /tickets": { signedIn: true },
  "get /people": { administrator: true },
  "post /people": { administrator: true },
  "post /people/:id/link": { administrator: true },
  "post /people/:id/account": { administrator: true },
  "delete /people/:id/sessions": { administrator: true },
  "delete /people/:id": { administrator: true },
  "get /directory": { person: true },
  "post /groups": { administrator: true },
  "delete /groups/:id": { administrator: true },
  "put /groups/:id/members/:principalId": { administrator: true },
  "delete /groups/:id/members/:principalId": { administrator: true },
  "get /administration/projects": { administrator: true },
  "post /administration/projects/:id/visit": { administrator: true },
  "delete /administration/projects/:id/visit": { administrator: true },
  "get /bin": { person: true },
  "post /bin/:id/restore": { person: true },
  "delete /bin/:id": { person: true },
  // Or whoever brought it: tests/server/access/bin.test.ts.
  "delete /sources/:id": manage,
  "get /projects/:id/bin": see,
  "post /projects/:id/bin/:sourceId/restore": annotate,
  "delete /projects/:id/bin/:sourceId": manage,
  "get /tombstones": { administrator: true },
  "get /tokens": { person: true },
  "post /tokens": { person: true },
  "delete /tokens/:id": { person: true },
  "get /invitations/:token": { open: true },
  "post /invitations/:token/accept": { open: true },
  "get /projects": { signedIn: true },
  "post /projects": { person: true },
  "patch /projects/:id": manage,
  "delete /projects/:id": manage,
  "post /projects/:id/transfer": manage,
  "delete /projects/:id/membership": see,
  "get /projects/:id/events": see,
  "get /projects/:id/gallery": see,
  "get /projects/:id/records": see,
  "post /projects/:id/records": annotate,
  "get /projects/:id/search": see,
  "get /projects/:id/attachments": see,
  "post /projects/:id/attachments": annotate,
  "get /projects/:id/attachments/:attachmentId": { from: "owner", guest: false },
  "get /projects/:id/attachments/:attachmentId/columns": see,
  "delete /projects/:id/attachments/:attachmentId": annotate,
  "post /projects/:id/attachments/:attachmentId/restore": annotate,
  "post /sources/:id/attach": annotate,
  "get /projects/:id/members": see,
  "put /projects/:id/members/:principalId": manage,
  "delete /projects/:id/members/:principalId": manage,
  "get /projects/:id/invitations": manage,
  "post /projects/:id/invitations": manage,
  "delete /projects/:id/invitations/:invitationId": manage,
  "get /projects/:id/waiting": annotate,
  "post /projects/:id/waiting/:guestId": annotate,
  "post /projects/:id/shared": annotate,
  "post /projects/:id/micrographs": annotate,
  "post /projects/:id/exports": see,
  "post /projects/:id/imports": annotate,
  "post /uploads": { signedIn: true },
  "head /uploads/:id": annotate,
  "patch /uploads/:id": annotate,
  "delete /uploads/:id": annotate,
  "get /sources/:id": see,
  "get /sources/:id/original": { from: "owner", guest: false },
  "get /micrographs/:id": see,
  "get /micrographs/:id/tags": see,
  "get /micrographs/:id/scale-bar": see,
  "get /micrographs/:id/thumbnail.jpg": see,
  "get /micrographs/:id/image.dzi": see,
  "get /micrographs/:id/image_files/:level/:tile": see,
  "post /micrographs/:id/log": annotate,
  "put /micrographs/:id/log": annotate,
  "delete /micrographs/:id/log": annotate,
  "get /micrographs/:id/log": see,
  "get /micrographs/:id/frames": see,
  "get /micrographs/:id/frames.csv": see,
  "get /micrographs/:id/frames/:frame/statistics": see,
  "post /micrographs/:id/frames/statistics": see,
  "get /micrographs/:id/same-grid": see,
  "get /micrographs/:id/suggestions": see,
  "post /micrographs/:id/suggestions": annotate,
  "get /micrographs/:id/annotations": see,
  "post /micrographs/:id/annotations": annotate,
  "get /micrographs/:id/measurements": see,
  "get /micrographs/:id/history": see,
  "get /micrographs/:id/history/editors": see,
  "get /micrographs/:id/history/:seq/annotations": see,
  "post /micrographs/:id/history/:seq/restore": annotate,
  "post /micrographs/:id/record": { from: "commenter", guest: true },
  "get /rooms/:room/authors": see,
  "get /jobs/:id": see,
  "get /jobs/:id/download": see,
  "get /reachability": { signedIn: true },
  "get /openapi.json": { open: true },
};

/** Routes whose record belongs to one person: to everybody else it is not there, whatever their role. */
const personal = /^(head|patch|delete) \/uploads|^get \/jobs/;

type Who = "anonymous" | "outsider" | "guest" | Role;
const everybody: readonly Who[] = ["anonymous", "outsider", ...roles, "guest"];

let server: TestServer;
const visitors = new Map<Who, Visitor>([["anonymous", { "x-lamella": "1" }]]);
const ids = { own: {} as Record<string, string>, foreign: {} as Record<string, string> };

beforeAll(async () => {
  server = await startTestServer();
  const admin = byToken(adminToken);
  const owned = await makeProject(server, "own");
  const foreign = await makeProject(server, "foreign");
  for (const role of roles) {
    const { id, visitor } = await makePerson(server, `Member ${role}`);
    await server.call("PUT", `/projects/${owned}/members/${id}`, admin, { role });
    visitors.set(role, visitor);
  }
  visitors.set("outsider", (await makePerson(server, "Outsider")).visitor);
  visitors.set("guest", (await makeGuest(server, owned, "annotator")).visitor);
  ids.own = await fill(owned);
  ids.foreign = await fill(foreign);
});
afterAll(() => server.stop());

/** A source and its micrograph, written as a reader of files would. */
async function fill(projectId: string): Promise<Record<string, string>> {
  const { catalogue } = server.ingest;
  const principalId = (await server.catalogue.administrator())!.id;
  const original = join(server.dataDir, "blobs", originalKey("0".repeat(64)));
  await mkdir(dirname(original), { recursive: true });
  await writeFile(original, "abcd");
  const sourceId = await catalogue.addSource({
    ...{ projectId, fileName: "a.tif", bytes: 4, sha256: "0".repeat(64), principalId, options: {} },
  });
  const [micrographId] = await catalogue.describeSource(sourceId, {
    format: "tiff",
    others: [],
    tags: {},
    micrographs: [
      {
        name: "a",
        content: "image",
        calibration: { state: "uncalibrated", reason: "none" },
        record: {
          ...{
            width: 3,
            height: 2,
            frames: 1,
            frameTimesS: null,
            dtype: "uint8",
            acquisition: {},
            warnings: [],
          },
          flags: { lossy: false, depthReduced: false, screenshot: false },
        },
        signals: [],
      },
    ],
  });
  return { project: projectId, source: sourceId, micrograph: micrographId! };
}

/** The address of a route for a record of this project; names of things that are not there elsewhere. */
function addressOf(path: string, where: Record<string, string>): string {
  return path
    .replace("/projects/:id", `/projects/${where["project"]}`)
    .replace("/sources/:id", `/sources/${where["source"]}`)
    .replace("/micrographs/:id", `/micrographs/${where["micrograph"]}`)
    .replace(":room", encodeURIComponent(`micrograph:${where["micrograph"]}:annotations`))
    .replace(":seq", "999999999")
    .replace(":level", "0")
    .replace(":frame", "0")
    .replace(":tile", "0_0.jpg")
    .replace(/:(id|sourceId|attachmentId|principalId|guestId|invitationId|token)/g, "not-there-1234");
}

/** Refused for who they are: 401, 403, or 404 from a record that is there. A body that is not valid is as far as any write gets. */
function expectation(
  key: string,
  row: Row,
  who: Who,
  place: "own" | "foreign",
): "401" | "403" | "404" | "passes" {
  if ("open" in row) return "passes";
  if (who === "anonymous") return "401";
  if ("signedIn" in row) return "passes";
  if ("person" in row) return who === "guest" ? "403" : "passes";
  if ("administrator" in row) return "403";
  if (personal.test(key)) return "404";
  if (who === "outsider" || place === "foreign") return "404";
  if (who === "guest") return row.guest ? "passes" : "403";
  return roles.indexOf(who) >= roles.indexOf(row.from) ? "passes" : "403";
}

describe("who may call what", () => {
  it("every route has a row, and every row a route", () => {
    const routes = server.routes.map(({ method, path }) => `${method} ${path}`);
    expect(routes.toSorted()).toEqual(Object.keys(matrix).toSorted());
    expect(new Set(routes).size).toBe(routes.length);
  });

  // Signing out would end the visitor's session; deleting the project would end everybody's.
  const keptForLast = new Set([
    "delete /session",
    "delete /projects/:id",
    "delete /projects/:id/membership",
    "delete /sources/:id",
  ]);
  const rows = Object.entries(matrix).filter(([key]) => !keptForLast.has(key));

  it.each(
    rows.flatMap(([key, row]) => (["own", "foreign"] as const).map((place) => [key, place, row] as const)),
  )("%s in the %s project", async (key, place, row) => {
    const [method, path] = key.split(" ") as [string, string];
    for (const who of everybody) {
      const answer = await ask(method, path, who, place);
      const wanted = expectation(key, row, who, place);
      const said = `${who}: ${answer.status} ${answer.code}`;
      if (wanted === "passes") {
        // What is asked for may not be there or the body not valid; but nobody is sent away for who they are.
        expect([401, 403].includes(answer.status) && answer.code !== "wrong-password", said).toBe(false);
        if (answer.status === 404)
          expect(path, said).toMatch(
            /:(sourceId|attachmentId|principalId|guestId|invitationId|token|seq)|tokens|sessions|institute|bin|log$|:frame|\.jpg|\.dzi|:tile|original/,
          );
      } else expect(String(answer.status), said).toBe(wanted);
    }
  });

  it("signing out and binning a project, last", async () => {
    for (const who of everybody.filter((w) => w !== "owner")) {
      const wanted = expectation("delete /projects/:id", manage, who, "own");
      expect(String((await ask("delete", "/projects/:id", who, "own")).status), who).toBe(wanted);
      expect((await ask("delete", "/projects/:id", who, "foreign")).status, who).toBe(
        who === "anonymous" ? 401 : 404,
      );
    }
    for (const who of [...everybody.filter((w) => w !== "owner"), "owner"] as const) {
      const wanted = expectation("delete /sources/:id", manage, who, "own");
      const { status } = await ask("delete", "/sources/:id", who, "own");
      expect(String(status), who).toBe(wanted === "passes" ? "204" : wanted);
      const foreign = await ask("delete", "/sources/:id", who, "foreign");
      expect(foreign.status, who).toBe(who === "anonymous" ? 401 : 404);
    }
    for (const who of ["outsider", "anonymous"] as const) {
      const wanted = expectation("delete /projects/:id/membership", see, who, "own");
      expect(String((await ask("delete", "/projects/:id/membership", who, "own")).status), who).toBe(wanted);
    }
    for (const who of [...roles.filter((role) => role !== "owner"), "guest"] as const) {
      expect((await ask("delete", "/projects/:id/membership", who, "foreign")).status, who).toBe(404);
      expect((await ask("delete", "/projects/:id/membership", who, "own")).status, who).toBe(204);
      expect((await ask("get", "/projects/:id/gallery", who, "own")).status, who).toBe(404);
    }
    expect((await ask("delete", "/projects/:id", "owner", "foreign")).status).toBe(404);
    expect((await ask("delete", "/projects/:id", "owner", "own")).status).toBe(204);
    expect((await ask("get", "/projects/:id/gallery", "owner", "own")).status).toBe(404);
    expect((await ask("get", "/micrographs/:id", "owner", "own")).status).toBe(404);
    for (const who of everybody) {
      expect((await ask("delete", "/session", who, "own")).status, who).toBe(who === "anonymous" ? 401 : 204);
      expect((await ask("get", "/projects", who, "own")).status, who).toBe(401);
    }
  });

  async function ask(method: string, path: string, who: Who, place: "own" | "foreign") {
    const isWrite = method === "post" || method === "put";
    const raw = path.endsWith("/micrographs");
    const body =
      isWrite && !raw && path !== "/uploads" && path !== "/tickets" ? { nonsense: true } : undefined;
    const answer = await server.call(
      method.toUpperCase(),
      addressOf(path, ids[place]),
      visitors.get(who)!,
      body,
    );
    const text = await answer.text();
    return { status: answer.status, code: /"code":"([^"]+)"/.exec(text)?.[1] ?? "" };
  }
});
