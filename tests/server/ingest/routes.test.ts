import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import express, { type ErrorRequestHandler } from "express";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { micrograph, source } from "#core/protocol/api/shapes.ts";
import { type Right, type Role, roleAllows } from "#core/protocol/roles.ts";
import { type Access, type Caller, notFound } from "#server/access/access.ts";
import { errorAnswer } from "#server/http/error-status.ts";
import { createRouter } from "#server/http/route.ts";
import { createMicrographRoutes, locateMicrographRecord } from "#server/ingest/routes.ts";
import { createUploads, type Uploads } from "#server/ingest/uploads.ts";
import { type House, openHouse, temporaryFolder, writePicture } from "./house.ts";
import { phantomImage } from "./phantom-image.ts";

/** Who may do what in project1; everybody else is a stranger there. */
const roles: Readonly<Record<string, Role>> = {
  ann: "annotator",
  rea: "reader",
  own: "owner",
  ann2: "annotator",
};
const access = {
  async identify(request: IncomingMessage) {
    const id = /^Bearer (\w+)$/.exec(request.headers.authorization ?? "")?.[1];
    return (
      id && {
        principal: { id, kind: "person", name: id },
        via: "token",
        sessionHash: null,
        credential: id,
        scope: null,
      }
    );
  },
  async require(caller: Caller | undefined, projectId: string | undefined, right: Right) {
    const role = projectId === "project1" && caller ? roles[caller.principal.id] : undefined;
    if (!role || !roleAllows(role, right)) throw notFound();
    return { role, mayDownloadOriginals: false, rights: new Set() };
  },
} as unknown as Access;

const intake = { reserve: async () => ({ grow: async () => undefined, release: () => undefined }) };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let house: House;
let uploads: Uploads;
let server: Server;
let base: string;

async function open() {
  house = await openHouse(join(folder.path, "data"));
  await house.ingest.start();
  uploads = createUploads(house.ingest);
  await uploads.resume();
  const deps = { ingest: house.ingest, uploads, blobs: house.blobs, tiles: house.tiles, access, intake };
  const router = createRouter(createMicrographRoutes(deps), {
    access,
    connection: {} as never,
    locate: async (place, params) =>
      place === "project" ? params.id : locateMicrographRecord(deps, place as "source", params.id!),
  });
  const onError: ErrorRequestHandler = (error, _request, response, _next) => {
    const { status, body } = errorAnswer(error, "r1");
    response.status(status).json(body);
  };
  server = createServer(express().use("/api/v1", router).use(onError));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`;
}

async function close() {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await house.close();
}

const as = (who: string, headers: Record<string, string> = {}) => ({
  authorization: `Bearer ${who}`,
  ...headers,
});
const get = (path: string, who = "ann") => fetch(base + path, { headers: as(who) });
const [width, height] = [530, 260];
let bytes: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  folder = await temporaryFolder();
  const pixels = phantomImage("uint16", width, height).frames[0] as Uint16Array;
  bytes = new Uint8Array(
    await readFile(await writePicture(join(folder.path, "wire.tif"), pixels, width, height)),
  );
});
afterAll(() => folder.remove());
beforeEach(open);
afterEach(close);

async function send(who = "ann", name = "wire.tif") {
  return fetch(`${base}/projects/project1/micrographs?name=${encodeURIComponent(name)}`, {
    method: "POST",
    headers: as(who),
    body: bytes,
  });
}

describe("raw upload", () => {
  it("becomes a micrograph with tags, thumbnail, Deep Zoom and its original", async () => {
    const answer = await send();
    expect(answer.status).toBe(201);
    const { source: sourceId } = (await answer.json()) as { source: string };
    expect(await house.ingest.settled(sourceId)).toBe("ready");
    const found = source.parse(await (await get(`/sources/${sourceId}`)).json());
    const id = found.micrographs[0]!;
    const whole = micrograph.parse(await (await get(`/micrographs/${id}`)).json());
    expect([whole.width, whole.height, whole.status]).toEqual([width, height, "ready"]);

    const thumbnail = await fetch(new URL(whole.thumbnail!, base), { headers: as("rea") });
    expect(await sharp(await thumbnail.arrayBuffer()).metadata()).toMatchObject({
      format: "jpeg",
      width: 480,
    });
    expect((await get(`/micrographs/${id}/tags`)).status).toBe(200);
    expect(await (await get(`/micrographs/${id}/image.dzi`)).text()).toContain(`Width="${width}"`);
    const tile = await get(`/micrographs/${id}/image_files/10/1_0.jpg`);
    expect(await sharp(await tile.arrayBuffer()).metadata()).toMatchObject({ width: 18, height: 260 });
    expect((await get(`/micrographs/${id}/image_files/10/2_0.jpg`)).status).toBe(404);

    const original = await get(`/sources/${sourceId}/original`, "own");
    expect(original.headers.get("content-disposition")).toMatch(/^attachment/);
    expect(Buffer.compare(Buffer.from(await original.arrayBuffer()), bytes)).toBe(0);
    for (const who of ["ann", "rea"])
      expect((await get(`/sources/${sourceId}/original`, who)).status).toBe(404);
    for (const path of [`/sources/${sourceId}`, `/micrographs/${id}`, `/micrographs/${id}/thumbnail.jpg`]) {
      expect((await get(path, "stranger")).status).toBe(404);
      expect((await fetch(base + path)).status).toBe(401);
    }
  });

  it("a reader cannot send, and a name is never a path", async () => {
    expect((await send("rea")).status).toBe(404);
    const { source: sourceId } = (await (await send("ann", "../../etc/\u0000passwd\u202e.tif")).json()) as {
      source: string;
    };
    expect((await house.ingest.catalogue.source(sourceId))!.fileName).toBe("passwd.tif");
    await house.ingest.settled(sourceId);
  });
});

describe("resumable upload", () => {
  const tus = { "tus-resumable": "1.0.0" };
  const metadata = ["filename", "wire.tif", "relativePath", "day 2/wire.tif", "projectId", "project1"]
    .map((value, i) => (i % 2 === 0 ? value : Buffer.from(value).toString("base64")))
    .join(" ")
    .replace(/ (relativePath|projectId)/g, ",$1");
  const begin = (who = "ann") =>
    fetch(`${base}/uploads`, {
      method: "POST",
      headers: as(who, { ...tus, "upload-length": String(bytes.length), "upload-metadata": metadata }),
    });
  const patch = (path: string, offset: number, end = bytes.length, who = "ann") =>
    fetch(new URL(path, base), {
      method: "PATCH",
      headers: as(who, {
        ...tus,
        "upload-offset": String(offset),
        "content-type": "application/offset+octet-stream",
      }),
      body: bytes.slice(offset, end),
    });
  const offsetOf = async (path: string) =>
    Number(
      (await fetch(new URL(path, base), { method: "HEAD", headers: as("ann", tus) })).headers.get(
        "upload-offset",
      ),
    );

  it("goes on where it stopped, across a restart of the server, and arrives whole and once", async () => {
    const created = await begin();
    expect(created.status).toBe(201);
    const path = created.headers.get("location")!;
    expect((await patch(path, 0, 100_000)).status).toBe(204);
    await close();
    await open();
    expect(await offsetOf(path)).toBe(100_000);
    expect((await patch(path, 90_000)).status).toBe(409);
    const last = await patch(path, 100_000);
    expect(last.status).toBe(204);
    const sourceId = last.headers.get("x-lamella-source")!;
    expect(await house.ingest.settled(sourceId)).toBe("ready");
    const kept = (await house.ingest.catalogue.source(sourceId))!;
    expect([kept.fileName, kept.bytes]).toEqual(["wire.tif", bytes.length]);
    expect((await house.ingest.catalogue.sourceOptions(sourceId))!.options.relativePath).toBe(
      "day 2/wire.tif",
    );
    expect(Buffer.compare(await house.blobs.read(`originals/${kept.sha256}`, 0, kept.bytes), bytes)).toBe(0);

    // Whoever lost the last answer asks again, and is told that all is there; nothing comes in twice.
    expect(await offsetOf(path)).toBe(bytes.length);
    await close();
    await open();
    expect(
      (await house.ingest.catalogue.listSources("project1")).filter((s) => s.id === sourceId).length,
    ).toBe(1);
  });

  it("is compared with the checksum its sender announced", async () => {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const announce = (hash: string) =>
      fetch(`${base}/uploads`, {
        method: "POST",
        headers: as("ann", {
          ...tus,
          "upload-length": String(bytes.length),
          "upload-metadata": `${metadata},sha256 ${Buffer.from(hash).toString("base64")}`,
        }),
      });
    const before = (await house.ingest.catalogue.listSources("project1")).length;
    const path = (await announce("0".repeat(64))).headers.get("location")!;
    const refused = await patch(path, 0);
    expect([refused.status, ((await refused.json()) as { error: { code: string } }).error.code]).toEqual([
      460,
      "checksum",
    ]);
    expect((await fetch(new URL(path, base), { method: "HEAD", headers: as("ann", tus) })).status).toBe(404);
    await close();
    await open();
    expect(await house.ingest.catalogue.listSources("project1")).toHaveLength(before);
    const right = (await announce(sha256.toUpperCase())).headers.get("location")!;
    expect((await patch(right, 0)).status).toBe(204);
    expect(await house.ingest.catalogue.listSources("project1")).toHaveLength(before + 1);

    const raw = (hash: string) =>
      fetch(`${base}/projects/project1/micrographs?name=a.tif`, {
        method: "POST",
        headers: as("ann", { "repr-digest": `sha-256=:${Buffer.from(hash, "hex").toString("base64")}:` }),
        body: bytes,
      });
    expect((await raw("0".repeat(64))).status).toBe(400);
    expect((await raw(sha256)).status).toBe(201);
    expect(await house.ingest.catalogue.listSources("project1")).toHaveLength(before + 2);
  });

  it("that arrived whole just before the process died comes in once", async () => {
    const path = (await begin()).headers.get("location")!;
    await patch(path, 0);
    const id = path.split("/").at(-1)!;
    const before = (await house.ingest.catalogue.listSources("project1")).length;
    // As the disk was between the record and the note that it was written.
    const configuration = join(folder.path, "data/work/uploads", `${id}.json`);
    const noted = JSON.parse(await readFile(configuration, "utf8")) as { metadata: Record<string, string> };
    delete noted.metadata.sourceId;
    await writeFile(configuration, JSON.stringify(noted));
    await writeFile(join(folder.path, "data/work/uploads", id), bytes);
    await close();
    await open();
    expect(await house.ingest.catalogue.listSources("project1")).toHaveLength(before);
    expect(await offsetOf(path)).toBe(bytes.length);
  });

  it("belongs to its sender, in a project where they may annotate; nobody can read it back", async () => {
    expect((await begin("rea")).status).toBe(404);
    expect((await begin("stranger")).status).toBe(404);
    const path = (await begin()).headers.get("location")!;
    expect((await patch(path, 0, 10, "ann2")).status).toBe(404);
    expect((await fetch(new URL(path, base), { headers: as("ann", tus) })).status).toBe(404);
    expect((await fetch(new URL(path, base), { method: "DELETE", headers: as("ann", tus) })).status).toBe(
      204,
    );
    expect((await patch(path, 0, 10)).status).toBe(404);
  });
});
